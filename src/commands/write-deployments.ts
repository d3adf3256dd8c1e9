// What a build with the option deploy takes, imported on first use.
import { deployDeployments, type DeployRequest } from '../deployments/deploy/deploy.js'
import { parseDeployments } from '../deployments/deploy/deployments-file.js'
import type { DeployResult } from '../deployments/deploy/result.js'
import { errorsOf } from '../errors.js'
import { apiAddress } from '../prefect-api/address.js'
import { PrefectApi } from '../prefect-api/api.js'
import { deployedText } from '../publish/deployed.js'
import { processScope } from '../util/scope.js'

export { apiAddress }

/**
 * Writes the deployments of a `deployments.json` to Prefect's API; returns what became of each, also as text. If this
 * process is told to end, what was written is undone first.
 */
export async function writeDeployments(
  content: string,
  request: Pick<DeployRequest, 'env' | 'log' | 'prune' | 'dryRun'>
): Promise<{ readonly result: DeployResult; readonly text: string }> {
  const document = parseDeployments(content, 'deployments.json')
  const api = new PrefectApi(apiAddress(request.env))
  const abort = new AbortController()
  const deploying = deployDeployments(document, { ...request, api, signal: abort.signal })
  const leave = processScope.defer(async () => {
    abort.abort()
    await deploying.catch((error: unknown) => {
      for (const { message, detail } of errorsOf(error)) {
        for (const line of [message, ...(detail?.split('\n') ?? [])]) request.log.info(line)
      }
    })
  })
  try {
    const result = await deploying
    return { result, text: deployedText(result) }
  } finally {
    leave()
  }
}
