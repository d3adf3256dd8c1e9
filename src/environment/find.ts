import { KEY_LABEL } from '../image/labels.js'
import { lookUpImage, type ImageRepository, type RegistryAccess } from '../image/repository.js'
import type { Log } from '../log.js'
import { parsePlatform, platformOf } from '../util/platform.js'
import {
  environmentInDaemon,
  environmentInRegistry,
  registryTag,
  type EnvironmentImage,
  type EnvironmentResult
} from './environment.js'
import { environmentKey } from './recipe.js'
import { knownBaseDigest, type EnvironmentRequest } from './request.js'

/**
 * Finds an environment image without building, pulling or starting anything. It looks in the registry that the
 * image with flows is pushed to; without a push, in the daemon.
 *
 * @returns no environment if none exists, or if it must be rebuilt
 */
export async function findEnvironment(
  request: EnvironmentRequest,
  registry: RegistryAccess
): Promise<FoundEnvironment> {
  const { prepared, daemon, log } = request
  const { platform, nocache } = prepared.buildKwargs
  const missing = { environment: undefined, registry }
  if (nocache) return missing
  // Without a registry the daemon is needed in any case: fail early if it does not answer.
  if (registry.kind !== 'direct') await daemon()
  const digest = await knownBaseDigest(request)
  if (digest === undefined) return missing
  const key = environmentKey(
    prepared,
    digest,
    platform === undefined ? platformOf('linux', process.arch) : parsePlatform(platform)
  )
  if (registry.kind === 'direct') {
    const found = await findInRegistry(registry.repository, key, log)
    if (found.environment) log.info(`Environment ${key}: the registry has it`)
    return found
  }
  const environment = await environmentInDaemon(await daemon(), key)
  if (environment) log.info(`Environment ${key}: the daemon has it`)
  return { environment, registry }
}

type FoundEnvironment = EnvironmentResult<EnvironmentImage | undefined>

/** The environment image that a repository has under a key. */
export async function findInRegistry(
  repository: ImageRepository,
  key: string,
  log: Log
): Promise<FoundEnvironment> {
  const registry = { kind: 'direct', repository } as const
  const lookup = await lookUpImage(repository, registryTag(key))
  switch (lookup.kind) {
    case 'unusable':
      return {
        environment: undefined,
        registry: { kind: 'daemon', repository, reason: lookup.reason }
      }
    case 'absent':
      return { environment: undefined, registry }
    case 'found': {
      const environment = environmentInRegistry(lookup.image, repository.name, key)
      if (environment === undefined) {
        log.notice({
          level: 'warning',
          message: `the labels of the image ${registryTag(key)} in the registry don't match its key: it is rebuilt`
        })
      }
      return { environment, registry }
    }
  }
}

/**
 * Reference of the image that a repository has under a tag, by its digest; undefined without one, for an image with
 * another key, and if the registry can't be used from here.
 */
export async function keyedImage(
  repository: ImageRepository,
  tag: string,
  key: string
): Promise<string | undefined> {
  const lookup = await lookUpImage(repository, tag)
  if (lookup.kind !== 'found') return undefined
  const { platforms, digest } = lookup.image
  const isOurs = platforms.some(({ config }) => config.config?.Labels?.[KEY_LABEL] === key)
  return isOurs ? `${repository.name}@${digest}` : undefined
}
