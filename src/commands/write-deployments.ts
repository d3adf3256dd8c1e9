// What a build with the option deploy takes, imported on first use.
import { deploy, type DeployOptions } from '../build/deploy.js'
import type { DeployResult } from '../deployments/deploy/result.js'
import type { DeploymentsDocument } from '../deployments/document.js'
import { errorsOf } from '../errors.js'
import type { Log } from '../log.js'
import { apiAddress } from '../prefect-api/address.js'
import { deployedText } from '../publish/deployed.js'
import { processScope } from '../util/scope.js'

export { apiAddress }

interface DeploySurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/**
 * Writes the deployments of a build to Prefect's API; returns what became of each, also as text. If this process is
 * told to end, what was written is undone first.
 */
export async function writeDeployments(
  deployments: DeploymentsDocument,
  options: Pick<DeployOptions, 'prune' | 'dryRun'>,
  { env, log }: DeploySurroundings
): Promise<{ readonly result: DeployResult; readonly text: string }> {
  const abort = new AbortController()
  const deploying = deploy(deployments, { ...options, signal: abort.signal }, { env, log })
  const leave = processScope.defer(async () => {
    abort.abort()
    await deploying.catch((error: unknown) => {
      for (const { message, detail } of errorsOf(error)) {
        for (const line of [message, ...(detail?.split('\n') ?? [])]) log.info(line)
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
