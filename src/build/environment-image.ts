import { baseImage, pullHint, type BaseImage } from '../environment/base.js'
import { localEnvironment, type Environment } from '../environment/environment.js'
import { buildEnvironment } from '../environment/image-build.js'
import { planEnvironment } from '../environment/plan.js'
import { checkPushAccess, pushImage } from '../image/push.js'
import { userBaseImage } from '../environment/user-dockerfile.js'
import { parseReference, withTag } from '../registry/reference.js'
import type { Run } from './inputs.js'
import { inRegistry, knownUserBase, remoteTag, type ImageWork } from './environment.js'
import type { Target } from './target.js'

/**
 * Makes the environment image, where the daemon and the registry don't have it, and pushes it there.
 *
 * @throws FlowstoreError what would fail later for sure fails here first: DAEMON, PUSH_REFUSED,
 * BASE_IMAGE_PULL, and all that building throws
 */
export async function makeEnvironment(run: Run, work: ImageWork): Promise<Environment> {
  const { options, log } = run
  const { inputs, target, credentials } = work
  const { localImage } = options
  const { buildKwargs } = inputs
  const daemon = await work.daemon()
  if (target) await checkPushAccess(target, credentials)
  const base =
    work.base === undefined
      ? await userBaseOf(run, work)
      : await baseImage(daemon, work.base, localImage, credentials, log, buildKwargs.platform)
  const plan = planEnvironment(inputs, base, log)
  const { key } = plan
  const fresh = buildKwargs.nocache === true
  const local = fresh ? undefined : await localEnvironment(daemon, key, buildKwargs)
  if (local) log.info(`Environment ${key}: the daemon has it`)
  const remote = local || fresh ? undefined : await inRegistry(run, work, key)
  if (remote) {
    log.info(`Environment ${key}: the registry has it`)
    return remote
  }
  const made = local ?? (await buildEnvironment(daemon, plan, log))
  return target === undefined ? made : pushed(run, work, target, made)
}

/** The image of the user's Dockerfile, built on the very images that its digest stands for. */
async function userBaseOf(run: Run, work: ImageWork): Promise<BaseImage> {
  const { options, surroundings, log } = run
  const { dockerfile = '', dockerignore, localImage } = options
  const { platform, nocache } = work.inputs.buildKwargs
  const daemon = await work.daemon()
  const known = await knownUserBase(run, work)
  // BuildKit takes what the daemon has under a name, however old, and has no login.
  for (const reference of localImage ? [] : (known?.images ?? [])) {
    await daemon.pull({
      ...{ reference: parseReference(reference), platform, findCredentials: work.credentials },
      what: `an image that ${dockerfile} is built on,`,
      hint: pullHint(platform)
    })
  }
  const base = await userBaseImage(
    daemon,
    {
      ...{ path: dockerfile, cwd: surroundings.cwd, dockerignore },
      buildKwargs: { ...options.buildKwargs, nocache }
    },
    log
  )
  return known === undefined ? base : { ...base, digest: known.digest }
}

/** An environment image of the daemon, in the registry as well. */
async function pushed(
  run: Run,
  work: ImageWork,
  target: Target,
  environment: Environment
): Promise<Environment> {
  const daemon = await work.daemon()
  const tag = remoteTag(environment.key)
  const reference = withTag(target, tag)
  await daemon.tag(environment.image, reference)
  await pushImage(daemon, reference, work.credentials)
  run.log.info(`Environment ${environment.key}: pushed as ${target.name}:${tag}`)
  return (await inRegistry(run, work, environment.key)) ?? environment
}
