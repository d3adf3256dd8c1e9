import { FlowstoreError } from '../errors.js'
import { LayerUnusable } from '../image/oci/layer-unusable.js'
import type { RegistryAccess } from '../image/repository.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { makeForPlatforms, notForPlatforms } from './direct/make-platforms.js'
import { makeDirectly } from './direct/make-direct.js'
import type { EnvironmentImage, EnvironmentOrigin, MadeEnvironment } from './environment.js'
import { FOUND } from './find.js'
import { makeEnvironment } from './make.js'
import type { EnvironmentRequest } from './request.js'

/**
 * Builds an environment image with the builder of the request. `auto` is the daemon, and without one a build through
 * the registry.
 *
 * @throws FlowstoreError DIRECT_BUILD if `direct` is asked for and not possible; DAEMON if a daemon is needed and there
 * is none; and the errors of the builders
 */
export async function makeWithBuilder(
  request: EnvironmentRequest,
  access: RegistryAccess
): Promise<MadeEnvironment> {
  if (request.platforms.length > 1) return makeEach(request, access)
  switch (request.builder) {
    case 'daemon':
      return withDaemon(request, access, request.whyBuilder ?? 'the option builder is daemon')
    case 'direct': {
      const made = await withoutDaemon(request, access, 'the option builder is direct')
      if ('reason' in made) throw notDirect(made.reason)
      return made
    }
    case 'auto': {
      const absent = await request.daemon().then(
        () => undefined,
        (error: unknown) => error
      )
      if (!(absent instanceof FlowstoreError)) {
        return withDaemon(request, access, 'a daemon answers')
      }
      const made = await withoutDaemon(request, access, absent.message)
      if ('reason' in made) throw neither(absent, made.reason)
      return made
    }
  }
}

/** An image of each platform, and the index of them: only in a registry, and without a daemon. */
async function makeEach(
  request: EnvironmentRequest,
  access: RegistryAccess
): Promise<MadeEnvironment> {
  if (access.kind !== 'direct') {
    throw notForPlatforms(
      access.kind === 'none'
        ? 'an index is only in a registry, and nothing is pushed'
        : access.reason
    )
  }
  try {
    const made = await makeForPlatforms(request, access.repository)
    const origin = tell(request, made.environment, 'direct', 'it has several platforms')
    return { ...made, registry: access, origin }
  } catch (error) {
    throw isUnusable(error) ? notForPlatforms(error.reason) : error
  }
}

async function withDaemon(
  request: EnvironmentRequest,
  access: RegistryAccess,
  why: string
): Promise<MadeEnvironment> {
  const { isFound, ...made } = await makeEnvironment(request, access)
  return { ...made, origin: isFound ? FOUND : tell(request, made.environment, 'daemon', why) }
}

/** @param why why no daemon builds it, as a clause */
async function withoutDaemon(
  request: EnvironmentRequest,
  access: RegistryAccess,
  why: string
): Promise<MadeEnvironment | { readonly reason: string }> {
  if (access.kind === 'none')
    return { reason: 'an image that is not pushed needs a daemon to hold it' }
  if (access.kind === 'daemon') return { reason: access.reason }
  try {
    const result = await makeDirectly(request, access.repository)
    if (result.kind === 'needs-daemon') return { reason: result.reason }
    const { environment, isFound, firstStart } = result
    const origin = isFound ? FOUND : tell(request, environment, 'direct', why)
    return { environment, registry: access, origin, firstStart }
  } catch (error) {
    if (isUnusable(error)) return { reason: error.reason }
    throw error
  }
}

/** A registry or a base image that only a daemon may be able to use. */
const isUnusable = (error: unknown): error is RegistryUnusable | LayerUnusable =>
  error instanceof RegistryUnusable || error instanceof LayerUnusable

/** Says in the log what built an image, and why. */
function tell(
  { log }: EnvironmentRequest,
  { key }: EnvironmentImage,
  builder: 'daemon' | 'direct',
  why: string
): EnvironmentOrigin {
  const how = builder === 'direct' ? 'built without a daemon' : 'built by the daemon'
  log.info(`Environment ${key}: ${how}, since ${why}`)
  return { builder, why }
}

const notDirect = (reason: string): FlowstoreError =>
  new FlowstoreError(
    'DIRECT_BUILD',
    `the environment image can't be built without a daemon: ${reason}`,
    { hint: 'Set builder: daemon, or builder: auto, which uses a daemon if there is one.' }
  )

const neither = ({ code, message, hint, cause }: FlowstoreError, reason: string): FlowstoreError =>
  new FlowstoreError(
    code,
    `${message}; and the environment image can't be built without one: ${reason}`,
    {
      hint,
      cause
    }
  )
