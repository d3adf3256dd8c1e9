// What a build with the option deploy takes, imported on first use.
import { deployDeployments, type DeployRequest } from '../deployments/deploy/deploy.js'
import { parseDeployments } from '../deployments/deploy/deployments-file.js'
import { apiAddress } from '../prefect-api/address.js'
import { PrefectApi } from '../prefect-api/api.js'
import { deployedText } from '../publish/deployed.js'

export { apiAddress }

/** Writes the deployments of a `deployments.json` to Prefect's API; returns what became of each, as text. */
export async function writeDeployments(
  content: string,
  request: Pick<DeployRequest, 'env' | 'log' | 'prune'>
): Promise<string> {
  const document = parseDeployments(content, 'deployments.json')
  const api = new PrefectApi(apiAddress(request.env))
  return deployedText(await deployDeployments(document, { ...request, api }))
}
