import type { Surroundings } from '../build/services.js'
import { commitNames, forkOf } from '../ci/index.js'
import type { DeploymentsDocument } from '../deployments/document.js'
import { FlowstoreError } from '../errors.js'
import type { Log, Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import type { Build, Report } from '../report.js'

/** Talks to Prefect's API, which few runs do. */
const writer = () => import('./write-deployments.js')

/** What becomes of the deployments of a build: `compare` only says how they differ from the server. */
export type DeployMode = 'nothing' | 'compare' | 'write'

/**
 * What the option `deploy` means for the code of this run, before anything is built: a pull request is not what the
 * server should run, so its deployments are only compared, and those of a fork are not even that. Notices say so.
 *
 * @throws FlowstoreError MISSING_OPTION without the address of an API, INVALID_OPTION for an image that is not pushed
 */
export async function deployMode(
  options: Options,
  { cwd, env }: Surroundings,
  log: Log
): Promise<DeployMode> {
  const { deploy, deployPullRequests, allowUntrustedCode } = options
  if (!deploy) return 'nothing'
  const fork = allowUntrustedCode ? undefined : await forkOf(env)
  if (fork !== undefined) return nothing(`the pull request is from a fork (${fork})`, log)
  const isCompared = !deployPullRequests && (await commitNames(env, cwd)).pullRequest !== undefined
  if (isCompared && !env['PREFECT_API_URL']) {
    return nothing('this is a pull request, and PREFECT_API_URL is not set', log)
  }
  const { apiAddress } = await writer()
  apiAddress(env)
  if (isCompared) {
    log.notice({
      level: 'notice',
      message:
        'this is a pull request: its deployments are compared with the server and not written; deploy-pull-requests: true writes them'
    })
    return 'compare'
  }
  if (options.push || STORAGE_KINDS[options.storage].flowsIn !== 'image') return 'write'
  throw new FlowstoreError(
    'INVALID_OPTION',
    'the option deploy needs the image in a registry, and push is false',
    { hint: 'Leave out `push: false`, or `deploy: true`.' }
  )
}

function nothing(why: string, log: Log): DeployMode {
  log.notice({ level: 'notice', message: `nothing is deployed: ${why}` })
  return 'nothing'
}

/**
 * Checks the deployments of a build against Prefect's API, before anything is stored.
 *
 * @returns writes them, or says how they differ from the server; its value is what became of each
 * @throws FlowstoreError DEPLOYMENT_CHECK, PREFECT_API, NOT_SUPPORTED
 */
export async function checkDeploy(
  deployments: DeploymentsDocument,
  mode: Exclude<DeployMode, 'nothing'>,
  { prune }: Pick<Options, 'prune'>,
  env: Surroundings['env'],
  log: Recorder
): Promise<() => Promise<Report['deployed']>> {
  const { prepareDeploy } = await writer()
  const options = mode === 'compare' ? { dryRun: true } : { prune }
  const write = await prepareDeploy(deployments, { ...options, env, log })
  return async () => {
    const { result, text } = await write()
    for (const line of text.split('\n')) log.info(line)
    return result
  }
}

/**
 * Publishes a build whose deployments may be on the server by now: then a warning says so, should this fail.
 *
 * @throws what `publish` throws
 */
export async function publishDeployed<T>(
  { report: { deployed } }: Build,
  log: Log,
  publish: () => Promise<T>
): Promise<T> {
  try {
    return await publish()
  } catch (error) {
    if (
      deployed !== null &&
      !deployed.dryRun &&
      deployed.deployments.some(({ state }) => state !== 'unchanged')
    ) {
      const message =
        "the deployments are written to Prefect's API, and stay there; the next run finds them"
      log.notice({ level: 'warning', message })
    }
    throw error
  }
}
