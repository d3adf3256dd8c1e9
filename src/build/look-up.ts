import type {
  EnvironmentImage,
  EnvironmentOrigin,
  MadeEnvironment
} from '../environment/environment.js'
import type { EnvironmentRequest } from '../environment/request.js'
import { FlowstoreError } from '../errors.js'
import { readImageLabels, type BuildDescription } from '../image/labels.js'
import type { NamedImage } from '../image/oci/image.js'
import { lookUpImage, type ImageRepository } from '../image/repository.js'
import { flowKeyOptions } from '../options/identity.js'
import type { Options } from '../options/options.js'
import { loaderDelivery } from '../python/delivery.js'
import { sourcesHash } from '../sources/sources-hash.js'
import { deserialize } from '../storage/deserialize.js'
import { DockerStorage } from '../storage/docker.js'
import { sha256, sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { imageNameOf, type BuildInputs } from './inputs.js'
import { variablesHash } from './load-variables.js'
import type { Services } from './services.js'

/**
 * An image with flows that is not built yet: a `BuildPlan` whose environment image exists, so that its key is
 * known.
 */
export interface PlannedImage extends MadeEnvironment {
  readonly request: EnvironmentRequest
  /** See {@link imageKey}. */
  readonly key: string
  /** The digest that the image's tag named when it was looked up; undefined if it was not looked up. */
  readonly tagBefore: { readonly digest: string | undefined } | undefined
  /** Whether the registry said that it has no image of its tag; default false. */
  readonly isTagAbsent?: boolean
}

/** A {@link PlannedImage} that the registry has already: it was built from the same input. */
export interface FoundImage {
  /** The key of its content. */
  readonly key: string
  readonly repository: ImageRepository
  readonly image: NamedImage
  readonly storage: DockerStorage
  readonly built: BuildDescription
  /** Where its environment image came from. */
  readonly origin: EnvironmentOrigin
}

/** The result of looking for a planned image by its tag. */
export type FlowLookup =
  | { readonly kind: 'found'; readonly found: FoundImage }
  | { readonly kind: 'absent'; readonly planned: PlannedImage }

/**
 * Identifies an image by everything that affects it: the environment image (its key, and its digest if it is in
 * the registry), the sources, the modules to load, the options, a hash of the variables for the load, the loader, this project's version. The
 * storages in modules are part of the sources; the names of the options that override them are added.
 */
export async function imageKey(
  { sources, modules, options, loadVariables }: BuildInputs,
  { key, location }: EnvironmentImage
): Promise<string> {
  return sha256Json([
    key,
    // A rebuilt environment may have other packages. A daemon does not keep environments for long.
    location.kind === 'registry' ? location.image.digest : null,
    await sourcesHash(sources),
    modules,
    flowKeyOptions(options),
    await variablesHash(loadVariables),
    // The image has the records of the loads.
    ...(options.incremental === 'off' ? [] : [options.incremental]),
    VERSION,
    sha256((await loaderDelivery()).input)
  ]).slice(0, 20)
}

/**
 * How many layers the registry is asked for when an image is looked up: that of the flows and, of an image that was not
 * built by a daemon, the two of the environment. It costs no time, since they are asked for with the configuration.
 */
const ASKED_LAYERS = 3

/** Looks for an image of the same input under the tag of this build. */
export async function lookUpFlows(
  { options }: BuildInputs,
  planned: PlannedImage,
  services: Services
): Promise<FlowLookup> {
  const { registry, environment, key } = planned
  if (registry.kind !== 'direct' || environment.location.kind !== 'registry' || options.force) {
    return { kind: 'absent', planned }
  }
  const { repository } = registry
  const tag = options.imageTag ?? key
  const lookup = await lookUpImage(repository, tag, ASKED_LAYERS)
  if (lookup.kind === 'unusable') {
    const access = { kind: 'daemon', repository, reason: lookup.reason } as const
    return { kind: 'absent', planned: { ...planned, registry: access } }
  }
  if (lookup.kind === 'absent' && lookup.why !== undefined) {
    services.log.notice({
      level: 'warning',
      message: `the image ${repository.name}:${tag} is incomplete and built again: ${lookup.why}`
    })
  }
  const image = lookup.kind === 'found' ? lookup.image : undefined
  const found = image && foundImage(image, planned, repository)
  const isCheckedLess = options.requireCheck === 'image' && found?.built.checkedIn !== 'image'
  if (found && isCheckedLess) {
    services.log.info(
      `${repository.name}:${tag} was built from the same input, and its flows were not read back in the image: building it again, since require-check is 'image'`
    )
  } else if (found && isNamed(found.storage, options, imageNameOf(options, services), tag)) {
    services.log.info(`Unchanged: ${repository.name}:${tag} was built from the same input`)
    return { kind: 'found', found }
  }
  // A tag that is the key of its content names the same content in every push.
  const tagBefore = options.imageTag === undefined ? undefined : { digest: image?.digest }
  const isTagAbsent = lookup.kind === 'absent' && lookup.why === undefined
  return { kind: 'absent', planned: { ...planned, tagBefore, isTagAbsent } }
}

/** The build in an image's labels; undefined if they have another key or no storage. */
function foundImage(
  image: NamedImage,
  { key, origin }: PlannedImage,
  repository: ImageRepository
): FoundImage | undefined {
  const labels = image.own.config.config?.Labels ?? {}
  const labelled = readImageLabels(labels, key)
  if (labelled === undefined) return undefined
  try {
    const storage = deserialize(labelled.storage)
    if (!(storage instanceof DockerStorage)) return undefined
    return { key, repository, image, storage, built: labelled.built, origin }
  } catch (error) {
    // Not an image of flowstore.
    if (error instanceof FlowstoreError) return undefined
    throw error
  }
}

const isNamed = (
  storage: DockerStorage,
  { registryUrl }: Options,
  imageName: string,
  tag: string
): boolean =>
  storage.registryUrl === registryUrl && storage.imageName === imageName && storage.imageTag === tag
