import { oneAtATime } from '../docker/one-at-a-time.js'
import { checkPushAccess, pushImage } from '../image/sinks/push.js'
import type { ImageRepository, RegistryAccess } from '../image/repository.js'
import { parseReference, referenceText, withTag } from '../registry/reference.js'
import { baseImage, pullHint, type BaseImage } from './base/base-image.js'
import type { UserDockerfile } from './base/dockerfile-context.js'
import { userBaseImage } from './base/user-dockerfile.js'
import { buildDependencies, buildEnvironment } from './build-environment.js'
import {
  environmentInDaemon,
  oneKey,
  registryTag,
  type EnvironmentImage,
  type EnvironmentResult
} from './environment.js'
import { findInRegistry, keyedImage } from './find.js'
import {
  planDockerfile,
  planEnvironment,
  type DependenciesPlan,
  type EnvironmentPlan
} from './plan/plan.js'
import { refuseInBuild } from './refuse-secrets.js'
import { ensureImage, knownDockerfileDigest, type EnvironmentRequest } from './request.js'

/** An environment image that was built, or found after all. */
interface BuiltEnvironment extends EnvironmentResult<EnvironmentImage> {
  readonly isFound: boolean
}

type PushedEnvironment = EnvironmentResult<EnvironmentImage>

/**
 * Builds an environment image if neither the daemon nor the registry has it, and pushes it if the image with
 * flows is pushed.
 *
 * @throws FlowstoreError DAEMON, PUSH_REFUSED and BASE_IMAGE_PULL before any work that would fail later, and
 * the errors of the build
 */
export async function makeEnvironment(
  request: EnvironmentRequest,
  access: RegistryAccess
): Promise<BuiltEnvironment> {
  const { prepared, registries, log } = request
  let registry = access
  const daemon = await request.daemon()
  if (registry.kind !== 'none') await checkPushAccess(registry.repository.reference, registries)
  const base = await pulledBase(request)
  const plan = await planEnvironment(prepared, base, log)
  const { key } = plan
  const fresh = prepared.buildKwargs.nocache === true
  const local = fresh ? undefined : await environmentInDaemon(daemon, key)
  if (local) log.info(`Environment ${key}: the daemon has it`)
  if (!local && !fresh && registry.kind === 'direct') {
    // The key is certain only now that the base image is known.
    const found = await findInRegistry(registry.repository, oneKey(key), log)
    if (found.environment) {
      log.info(`Environment ${key}: the registry has it`)
      return { environment: found.environment, registry: found.registry, isFound: true }
    }
    registry = found.registry
  }
  const environment =
    local ??
    (fresh ? await build(request, plan, registry) : await buildOnce(request, plan, registry))
  const made =
    registry.kind === 'none'
      ? { environment, registry }
      : await pushEnvironment(request, registry, environment)
  return { ...made, isFound: local !== undefined }
}

/** Builds an environment image, unless another run on the same daemon is building it: then waits for that one. */
async function buildOnce(
  request: EnvironmentRequest,
  plan: EnvironmentPlan,
  registry: RegistryAccess
): Promise<EnvironmentImage> {
  const daemon = await request.daemon()
  const { key, base } = plan
  const { log } = request
  return oneAtATime(daemon, {
    name: `flowstore-environment-${key}`,
    image: base.from,
    find: () => environmentInDaemon(daemon, key),
    work: () => build(request, plan, registry),
    onWait: () => {
      log.info(`Environment ${key}: waiting for another run, which is building it`)
      log.progress('waiting for another run, which is building the environment image')
    }
  })
}

/**
 * Builds an environment image. Its dependencies are kept in the registry as an image of their own, so that an edit of
 * the repository's own package installs only that, also with the daemon of a new runner.
 */
async function build(
  request: EnvironmentRequest,
  plan: EnvironmentPlan,
  registry: RegistryAccess
): Promise<EnvironmentImage> {
  const daemon = await request.daemon()
  await refuseInBuild('the Dockerfile', planDockerfile(plan), plan.context, request.findSecret)
  const { dependencies } = plan
  const reference =
    dependencies === undefined || registry.kind !== 'direct'
      ? undefined
      : await dependenciesImage(request, plan, dependencies, registry.repository)
  return buildEnvironment(daemon, plan, request, reference)
}

/** Reference of the image with the dependencies of an environment, in the daemon; built and pushed if need be. */
async function dependenciesImage(
  request: EnvironmentRequest,
  plan: EnvironmentPlan,
  dependencies: DependenciesPlan,
  repository: ImageRepository
): Promise<string> {
  const { daemon: connect, registries, log, prepared } = request
  const { key } = dependencies
  const daemon = await connect()
  const tag = registryTag(key)
  const found =
    prepared.buildKwargs.nocache === true ? undefined : await keyedImage(repository, tag, key, log)
  if (found !== undefined) {
    log.info(`Dependencies ${key}: the registry has them`)
    await ensureImage(daemon, found, 'the image with dependencies', registries.credentials, log)
    return found
  }
  const built = await buildDependencies(daemon, plan, dependencies, request)
  const target = withTag(repository.reference, tag)
  await daemon.tag(built, target)
  await pushImage(daemon, target, registries, log)
  log.info(`Dependencies ${key}: pushed as ${referenceText(target)}`)
  return built
}

/** Pulls or builds the base image in the daemon. */
export async function pulledBase(request: EnvironmentRequest): Promise<BaseImage> {
  const { base, localImage, registries, log, prepared } = request
  if (base.kind === 'dockerfile') return dockerfileBase(request, base.dockerfile)
  const { platform } = prepared.buildKwargs
  return baseImage(
    await request.daemon(),
    {
      reference: base.reference,
      local: localImage,
      findCredentials: registries.credentials,
      platform
    },
    log
  )
}

/** Builds the image of the user's Dockerfile on exactly the images that its digest covers. */
async function dockerfileBase(
  request: EnvironmentRequest,
  dockerfile: UserDockerfile
): Promise<BaseImage> {
  const { localImage, registries, log, prepared } = request
  const { platform, nocache } = prepared.buildKwargs
  const daemon = await request.daemon()
  const known = await knownDockerfileDigest(request, dockerfile)
  // BuildKit uses the daemon's image of that name even if it is old, and has no credentials to pull with.
  for (const reference of localImage ? [] : (known?.images ?? [])) {
    await daemon.pull({
      reference: parseReference(reference),
      platform,
      findCredentials: registries.credentials,
      what: `${dockerfile.path}: the image`,
      hint: pullHint(platform),
      onProgress: log.progress.bind(log)
    })
  }
  const buildKwargs = { ...dockerfile.buildKwargs, nocache }
  const base = await userBaseImage(daemon, { ...dockerfile, buildKwargs }, request, log)
  return known === undefined ? base : { ...base, digest: known.digest }
}

/** Pushes an environment image of the daemon to the registry. */
async function pushEnvironment(
  { daemon: connect, registries, log }: EnvironmentRequest,
  registry: Exclude<RegistryAccess, { kind: 'none' }>,
  environment: EnvironmentImage
): Promise<PushedEnvironment> {
  const { key, reference } = environment
  const { repository } = registry
  const daemon = await connect()
  const target = withTag(repository.reference, registryTag(key))
  await daemon.tag(reference, target)
  await pushImage(daemon, target, registries, log)
  log.info(`Environment ${key}: pushed as ${referenceText(target)}`)
  return afterPush(repository, registry, environment, log)
}

async function afterPush(
  repository: ImageRepository,
  registry: RegistryAccess,
  environment: EnvironmentImage,
  log: EnvironmentRequest['log']
): Promise<PushedEnvironment> {
  if (registry.kind !== 'direct') return { environment, registry }
  const found = await findInRegistry(repository, oneKey(environment.key), log, 'trusted')
  return { environment: found.environment ?? environment, registry: found.registry }
}
