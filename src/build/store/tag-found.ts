import { FlowstoreError } from '../../errors.js'
import { deploymentsLabel } from '../../image/labels.js'
import type { Image, NamedImage } from '../../image/oci/image.js'
import { readPlatforms } from '../../image/oci/read.js'
import { platformDigests } from '../../image/oci/index-of.js'
import { relabel, type NewImage } from '../../image/oci/renew.js'
import { writeImage } from '../../image/oci/write.js'
import { readTags, registryTags } from '../../image/tag-move.js'
import { hasSeveralPlatforms } from '../../options/platform-checks.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import { isIn, type Baseline } from '../baseline.js'
import type { PlannedDeployments } from '../deployments.js'
import type { FoundBuild } from '../load/loaded-build.js'
import { warnOfFailed } from '../load/load-errors.js'
import type { FoundImage } from '../look-up.js'
import type { Services } from '../services.js'
import { reportImage, reportPlatforms, type StoredBuild } from './stored-build.js'
import { deployedTags, furtherTags } from './tags.js'

/** The deployments of a found image, and what they were compared with. */
interface Deployments {
  readonly baseline: Baseline | undefined
  readonly deployments: PlannedDeployments | undefined
}

/**
 * A found image, which has everything but the tags of the option `tags`. If its deployments have
 * changed, they get the same image with the new ones in its labels: a later build compares with them.
 */
export async function tagFound(
  { inputs, found }: FoundBuild,
  services: Services,
  compared: Deployments = { baseline: undefined, deployments: undefined }
): Promise<StoredBuild> {
  const { repository, storage, built } = found
  const { options } = inputs
  warnOfFailed(built.failed, services.log)
  const tags = await furtherTags(options, services)
  const isCompared = tags.length > 0 || options.compareWith !== undefined
  const { image, pushes } = isCompared
    ? await withDeployments(found, compared)
    : { image: found.image, pushes: undefined }
  const isNew = pushes !== undefined
  // A tag that the user chose may move; the default one names its content for ever.
  const ofOptions = isNew && options.imageTag !== undefined ? [options.imageTag, ...tags] : tags
  const forDeployments = compared.deployments
    ? await deployedTags(options, built.versions.prefect, found.key, repository)
    : []
  const names = [...new Set([...ofOptions, ...forDeployments])]
  const before = await readTags(repository, names)
  if (isNew) {
    await services.log.phase('push', () =>
      reaching(repository.name, writeImage(repository.client, repository.path, pushes))
    )
    services.log.info(
      `The deployments changed, and the image did not: ${names.length === 0 ? image.digest : names.join(', ')} has them in its labels, on the same layers`
    )
  }
  const target = { repository, manifest: image.manifest, tags: names, before, hint: FORCE_HINT }
  return {
    storage,
    built,
    image: reportImage(storage, {
      repository: repository.name,
      digest: image.digest,
      tags,
      platforms: hasSeveralPlatforms(options)
        ? reportPlatforms(platformDigests(image), built.checkedOn)
        : null
    }),
    repository,
    changed: false,
    environment: found.origin,
    load: null,
    tagMove: registryTags(target)
  }
}

const FORCE_HINT = 'Set force: true to build and push the image again.'

/** Some work with the registry, which the image was read from. */
async function reaching<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof RegistryUnusable)) throw error
    throw new FlowstoreError(
      'REGISTRY',
      `the image with other labels can't be pushed to ${name}: ${error.reason}`,
      { hint: FORCE_HINT, cause: error }
    )
  }
}

/**
 * The found image if it has the deployments of this build in its labels, else one that has. `pushes` is undefined if
 * the registry has it.
 */
async function withDeployments(
  found: FoundImage,
  { baseline, deployments }: Deployments
): Promise<{ readonly image: NamedImage; readonly pushes: NewImage | undefined }> {
  const { built, repository } = found
  if (deployments === undefined || deployments.isLabelled(built.deployments)) {
    return { image: found.image, pushes: undefined }
  }
  const image = await allPlatforms(found)
  const before = baseline?.deployments
  if (before && deployments.isLabelled(before)) {
    // An earlier build may have pushed it already.
    const pushed = relabel(image, deploymentsLabel(before))
    if (isIn(baseline, repository) && pushed.digest === baseline.digest)
      return { image: pushed, pushes: undefined }
  }
  const labelled = relabel(image, deploymentsLabel(JSON.stringify(deployments.document)))
  return { image: labelled, pushes: labelled }
}

/** Each platform has the labels. */
async function allPlatforms({ image, repository }: FoundImage): Promise<Image> {
  const { client, path, name } = repository
  return reaching(name, readPlatforms(client, path, image))
}
