import { deployDeployments } from '../deployments/deploy/deploy.js'
import { parseDeployments } from '../deployments/deploy/deployments-file.js'
import type { DeployResult } from '../deployments/deploy/result.js'
import type { DeploymentsDocument } from '../deployments/document.js'
import { silentLog } from '../log.js'
import { apiAddress } from '../prefect-api/address.js'
import { PrefectApi } from '../prefect-api/api.js'
import type { LibrarySurroundings } from './library.js'

/** Options of {@link deploy}: the flags of `flowstore deploy`. */
export interface DeployOptions {
  /** Whether the deployments are only compared with the server; default false. */
  readonly dryRun?: boolean | undefined
  /** Whether deployments of the project that are not among the given ones are deleted; default false. */
  readonly prune?: boolean | undefined
  /**
   * The project in the label of the deployments, which a prune goes by; default the name of the image without its tag,
   * and the folder of its flows.
   */
  readonly project?: string | undefined
  /** Stops between two writes, and undoes what was written: then the error is INTERRUPTED. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes deployments to Prefect's API, as `flowstore deploy` does: all checks first, then only what differs from the
 * server, all or none.
 *
 * @param deployments `deployments` of a build, or the text of a `deployments.json`
 * @param surroundings `env` has `PREFECT_API_URL`, the login (`PREFECT_API_KEY` or `PREFECT_API_AUTH_STRING`) and the
 * values of `{{ $NAME }}`
 * @returns what became of each deployment
 * @throws FlowstoreError MISSING_OPTION, INVALID_OPTION for the address of the API; DEPLOYMENTS_INVALID;
 * DEPLOYMENT_CHECK: nothing is written; PREFECT_API, INTERRUPTED: its detail says what was put back; NOT_SUPPORTED for a
 * prune on a server without labels
 */
export async function deploy(
  deployments: DeploymentsDocument | string,
  { dryRun = false, prune = false, project, signal }: DeployOptions = {},
  { env = process.env, log = silentLog() }: LibrarySurroundings = {}
): Promise<DeployResult> {
  const text = typeof deployments === 'string' ? deployments : JSON.stringify(deployments)
  const document = parseDeployments(text, 'deployments.json')
  const api = new PrefectApi(apiAddress(env))
  return deployDeployments(document, { api, env, log, dryRun, prune, project, signal })
}
