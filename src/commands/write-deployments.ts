// What a build with the option deploy takes, imported on first use.
import {
  checkDeployments,
  deployChecked,
  type DeployRequest
} from '../deployments/deploy/deploy.js'
import { parseDeployments } from '../deployments/deploy/deployments-file.js'
import type { DeployResult } from '../deployments/deploy/result.js'
import type { DeploymentsDocument } from '../deployments/document.js'
import { apiAddress } from '../prefect-api/address.js'
import { PrefectApi } from '../prefect-api/api.js'
import { deployedText } from '../publish/deployed.js'
import { processScope } from '../util/scope.js'

export { apiAddress }

/** Writes the deployments that were checked; returns what became of each, also as text. */
export type WriteDeployments = () => Promise<{
  readonly result: DeployResult
  readonly text: string
}>

/**
 * Checks the deployments of a build against Prefect's API and writes nothing.
 *
 * @returns writes them. If this process is told to end meanwhile, what was written is undone first, and the error says what
 * became of it.
 */
export async function prepareDeploy(
  deployments: DeploymentsDocument,
  options: Pick<DeployRequest, 'prune' | 'dryRun' | 'env' | 'log'>
): Promise<WriteDeployments> {
  const document = parseDeployments(JSON.stringify(deployments), 'deployments.json')
  const abort = new AbortController()
  const api = new PrefectApi(apiAddress(options.env))
  const request = { ...options, api, signal: abort.signal }
  const checked = await checkDeployments(document, request)
  return async () => {
    const deploying = deployChecked(checked, request)
    const leave = processScope.defer(() => {
      abort.abort()
      return deploying
    })
    try {
      const result = await deploying
      return { result, text: deployedText(result) }
    } finally {
      leave()
    }
  }
}
