import { KEY_LABEL } from '../image/labels.js'
import {
  lookUpImage,
  whatIsLost,
  type ImageRepository,
  type RegistryAccess
} from '../image/repository.js'
import type { Log } from '../log.js'
import { OWN_PLATFORM } from '../util/platform.js'
import { sha256Json } from '../util/hash.js'
import {
  environmentInDaemon,
  environmentInRegistry,
  oneKey,
  registryTag,
  type EnvironmentImage,
  type EnvironmentKeys,
  type EnvironmentOrigin,
  type EnvironmentResult
} from './environment.js'
import { environmentKey } from './recipe.js'
import { knownBaseDigest, type EnvironmentRequest } from './request.js'

/** The origin of an image that is there. */
export const FOUND: EnvironmentOrigin = { builder: null, why: 'it was built before' }

/**
 * Finds an environment image without building, pulling or starting anything. It looks in the registry that the
 * image with flows is pushed to; without a push, in the daemon.
 *
 * @param layers whether the registry is asked for its layers too; default `'asked'`
 * @returns no environment if none exists, or if it must be rebuilt
 */
export async function findEnvironment(
  request: EnvironmentRequest,
  registry: RegistryAccess,
  layers: 'asked' | 'trusted' = 'asked'
): Promise<FoundEnvironment> {
  const { prepared, daemon, log } = request
  const { nocache } = prepared.buildKwargs
  const missing = { environment: undefined, registry }
  if (nocache) return missing
  // Without a registry the daemon is needed in any case: fail early if it does not answer.
  if (registry.kind !== 'direct') await daemon()
  const digest = await knownBaseDigest(request)
  if (digest === undefined) return missing
  const keys = environmentKeys(request, digest)
  const { key } = keys
  if (registry.kind === 'direct') {
    const found = await findInRegistry(registry.repository, keys, log, layers)
    if (found.environment) log.info(`Environment ${key}: the registry has it`)
    return found
  }
  const environment = await environmentInDaemon(await daemon(), key)
  if (environment) log.info(`Environment ${key}: the daemon has it`)
  return { environment, registry }
}

/**
 * The keys of an environment image on a base image.
 *
 * @param base digest of the base image
 */
export function environmentKeys(
  { prepared, platforms }: Pick<EnvironmentRequest, 'prepared' | 'platforms'>,
  base: string
): EnvironmentKeys {
  const [first = '', ...others] = platforms.map(platform =>
    environmentKey(prepared, base, platform)
  )
  return others.length === 0
    ? oneKey(first)
    : {
        key: sha256Json([first, ...others]).slice(0, 20),
        own: environmentKey(prepared, base, OWN_PLATFORM)
      }
}

interface FoundEnvironment extends EnvironmentResult<EnvironmentImage | undefined> {
  /** Whether the registry says that it does not have it; default false. */
  readonly isAbsent?: boolean
}

/**
 * The environment image that a repository has under a key.
 *
 * @param layers whether the registry is asked for its layers too; default `'asked'`
 */
export async function findInRegistry(
  repository: ImageRepository,
  keys: EnvironmentKeys,
  log: Log,
  layers: 'asked' | 'trusted' = 'asked'
): Promise<FoundEnvironment> {
  const registry = { kind: 'direct', repository } as const
  const tag = registryTag(keys.key)
  const lookup = await lookUpImage(repository, tag, layers === 'asked' ? Infinity : 0)
  switch (lookup.kind) {
    case 'unusable':
      log.info(`The registry can't be used from here, ${lookup.reason}: the daemon has to push`)
      return {
        environment: undefined,
        registry: { kind: 'daemon', repository, reason: lookup.reason }
      }
    case 'absent':
      if (lookup.why !== undefined) warnOfLoss(tag, lookup.why, log)
      return { environment: undefined, registry, isAbsent: lookup.why === undefined }
    case 'found': {
      const environment = environmentInRegistry(lookup.image, repository.name, keys)
      if (environment === undefined) {
        warnOfOtherKey(tag, log)
      }
      return { environment, registry }
    }
  }
}

const warn = (why: string, log: Log) => {
  log.notice({
    level: 'warning',
    message: `${why}: it is rebuilt`
  })
}

const warnOfOtherKey = (tag: string, log: Log) => {
  warn(`the labels of the image ${tag} in the registry don't match its key`, log)
}

const warnOfLoss = (tag: string, why: string, log: Log) => {
  warn(`the image ${tag} is incomplete, ${why}`, log)
}

/**
 * Whether the registry has every layer of an environment image that was found without asking for them. If it lost one, a
 * notice says so.
 */
export async function hasLayers(
  { key, location }: EnvironmentImage,
  registry: RegistryAccess,
  log: Log
): Promise<boolean> {
  if (location.kind !== 'registry' || registry.kind !== 'direct') return true
  const why = await whatIsLost(registry.repository, location.image)
  if (why !== undefined) warnOfLoss(registryTag(key), why, log)
  return why === undefined
}

/**
 * Reference of the image that a repository has under a tag, by its digest; undefined without one, for an image that lacks
 * a layer or has another key, which a notice says, and if the registry can't be used from here.
 */
export async function keyedImage(
  repository: ImageRepository,
  tag: string,
  key: string,
  log: Log
): Promise<string | undefined> {
  const lookup = await lookUpImage(repository, tag, Infinity)
  if (lookup.kind === 'absent' && lookup.why !== undefined) warnOfLoss(tag, lookup.why, log)
  if (lookup.kind !== 'found') return undefined
  const { own, digest } = lookup.image
  if (own.config.config?.Labels?.[KEY_LABEL] === key) return `${repository.name}@${digest}`
  warnOfOtherKey(tag, log)
  return undefined
}
