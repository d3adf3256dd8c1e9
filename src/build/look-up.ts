import { sourcesHash } from '../sources/sources.js'
import { readImageLabels, type BuiltFlows } from '../image/labels.js'
import { loaderDelivery } from '../python/delivery.js'
import type { RegistryImage } from '../image/image.js'
import { deserialize } from '../storage/deserialize.js'
import { DockerStorage } from '../storage/docker.js'
import { overModules } from './settle.js'
import type { SerializedStorage } from '../storage/storage.js'
import { sha256, sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { type Run, imageName } from './inputs.js'
import type { ImageEnvironment, PlannedImage } from './python.js'
import { imageOf, type Target } from './target.js'

/** An image in the registry that the same input has made. */
export interface KnownImage {
  readonly run: Run
  readonly known: RegistryImage
  readonly target: Target
  readonly storage: SerializedStorage
  readonly built: BuiltFlows
}

/**
 * Identifies an image by all that a load can see and all that decides what becomes of it: the very
 * environment image, the sources, the modules asked for, the loader. What the modules' storages say
 * is in the sources; which options win over it is not.
 */
export async function imageKey(
  { sources, modules, options }: Run,
  { environment }: ImageEnvironment
): Promise<string> {
  const { loadIn, python, storedAsScript, path, healthcheck, storageConflict, buildKwargs } =
    options
  return sha256Json([
    environment.key,
    // Made anew, an environment may have other packages; without a registry none is kept for long.
    environment.remote?.digest ?? null,
    await sourcesHash(sources),
    modules,
    { loadIn, python: loadIn === 'image' ? undefined : python, storedAsScript, path },
    { healthcheck, storageConflict, labels: buildKwargs.labels, before: overModules(options) },
    VERSION,
    sha256((await loaderDelivery()).input)
  ]).slice(0, 20)
}

/** The image that the same input has made before, where the registry has it under this run's tag. */
export async function knownImage(run: Run, image: PlannedImage): Promise<KnownImage | undefined> {
  const { target } = image.work
  const { options, log } = run
  if (target === undefined || image.environment.remote === undefined || options.force) {
    return undefined
  }
  const { key } = image
  const tag = options.imageTag ?? key
  const known = await imageOf(target, tag)
  const labels = known?.platforms[0]?.config.config?.Labels
  const found = readImageLabels(labels ?? {}, key)
  if (known === undefined || found === undefined) return undefined
  let storage
  try {
    storage = deserialize(found.storage)
  } catch {
    return undefined
  }
  const same =
    storage instanceof DockerStorage &&
    storage.registryUrl === options.registryUrl &&
    storage.imageName === imageName(run) &&
    storage.imageTag === tag
  if (!same) return undefined
  log.info(`Unchanged: ${target.name}:${tag} was made of the same input`)
  return {
    ...{ run, known, target, built: found.built },
    storage: found.storage as SerializedStorage
  }
}
