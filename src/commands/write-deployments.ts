// What a build with the option deploy takes, imported on first use.
import { deployDeployments, type DeployRequest } from '../deployments/deploy/deploy.js'
import { parseDeployments } from '../deployments/deploy/deployments-file.js'
import type { DeployResult } from '../deployments/deploy/result.js'
import { apiAddress } from '../prefect-api/address.js'
import { PrefectApi } from '../prefect-api/api.js'
import { deployedText } from '../publish/deployed.js'

export { apiAddress }

/** Writes the deployments of a `deployments.json` to Prefect's API; returns what became of each, also as text. */
export async function writeDeployments(
  content: string,
  request: Pick<DeployRequest, 'env' | 'log' | 'prune' | 'dryRun'>
): Promise<{ readonly result: DeployResult; readonly text: string }> {
  const document = parseDeployments(content, 'deployments.json')
  const api = new PrefectApi(apiAddress(request.env))
  const result = await deployDeployments(document, { ...request, api })
  return { result, text: deployedText(result) }
}
