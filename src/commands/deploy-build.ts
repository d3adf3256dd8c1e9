import { FlowstoreError } from '../errors.js'
import type { Log, Recorder } from '../log.js'
import type { Options } from '../options/options.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import type { PublishedBuild } from '../publish/directory.js'

/** Talks to Prefect's API, which few runs do. */
const writer = () => import('./write-deployments.js')

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Checks the option `deploy` before anything is built.
 *
 * @throws FlowstoreError MISSING_OPTION without the address of an API, INVALID_OPTION for an image that is not pushed
 */
export async function checkDeploy(options: Options, env: Environment): Promise<void> {
  if (!options.deploy) return
  const { apiAddress } = await writer()
  apiAddress(env)
  if (options.push || STORAGE_KINDS[options.storage].flowsIn !== 'image') return
  throw new FlowstoreError(
    'INVALID_OPTION',
    'the option deploy needs the image in a registry, and push is false',
    { hint: 'Leave out `push: false`, or `deploy: true`.' }
  )
}

/**
 * Writes the deployments of a published build to Prefect's API, as the option `deploy` says.
 *
 * @throws FlowstoreError DEPLOYMENT_CHECK, PREFECT_API, NOT_SUPPORTED
 */
export async function deployBuild(
  { build }: PublishedBuild,
  options: Options,
  env: Environment,
  log: Recorder
): Promise<void> {
  const { report, documents } = build
  if (!options.deploy || documents.deploymentsJson === null) return
  if (report.image?.digest === null) {
    noticeNotDeployed(log)
    return
  }
  const { writeDeployments } = await writer()
  const text = await writeDeployments(documents.deploymentsJson, { env, log, prune: options.prune })
  for (const line of text.split('\n')) log.info(line)
}

/** On a pull request from a fork, an image is not pushed. */
const noticeNotDeployed = (log: Log): void => {
  log.notice({ level: 'notice', message: 'nothing is deployed: the image was not pushed' })
}
