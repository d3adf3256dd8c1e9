import type { Origin } from '../../ci/origin.js'
import { describingLabels, type ImageMetadata } from '../../image/metadata.js'
import { hasAnnotations, type ImageAnnotations } from '../../options/values/labels.js'
import type { DockerStorage } from '../../storage/docker.js'
import type { PlannedImage } from '../look-up.js'
import { namedBase } from './build-record.js'

/** The labels and annotations of the user. */
export interface OwnMetadata {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: ImageAnnotations
}

/** No labels and annotations of the user. */
export const NO_METADATA: OwnMetadata = {
  labels: {},
  annotations: { manifest: {}, index: {}, descriptor: {} }
}

/** What an image says of itself: OCI's labels, then those of build-kwargs and of the user, and the same as annotations. */
export function imageMetadata(
  { imageName, imageTag }: DockerStorage,
  { environment, request }: PlannedImage,
  origin: Origin,
  { labels, annotations }: OwnMetadata
): ImageMetadata {
  const describing = describingLabels({
    origin,
    imageName: imageName ?? '',
    tag: imageTag ?? '',
    base: namedBase(environment)
  })
  return {
    labels: { ...describing, ...request.prepared.buildKwargs.labels, ...labels },
    annotations: {
      manifest: { ...describing, ...annotations.manifest },
      index: { ...describing, ...annotations.index },
      descriptor: annotations.descriptor
    },
    needsOci: hasAnnotations(annotations),
    created: origin.created
  }
}
