import { posix } from 'node:path'
import type { Origin } from '../ci/origin.js'
import type { ImageAnnotations } from '../options/values/labels.js'
import { parseReference } from '../registry/reference.js'
import type { Labels } from './labels.js'

/** What an image says of itself beside its flows. None of it is in a key. */
export interface ImageMetadata {
  readonly labels: Labels
  readonly annotations: ImageAnnotations
  /** Whether the user asked for annotations, which only OCI's manifests can have. */
  readonly needsOci: boolean
  /** The time of its configuration; undefined for that of the environment image. */
  readonly created: Date | undefined
}

/** The base image that an image is built on. */
export interface NamedBase {
  /** Its reference, such as `python:3.6`. */
  readonly reference: string
  /** Digest of its manifest or index in its registry. */
  readonly digest: string
}

/** What {@link describingLabels} describe. */
export interface DescribedImage {
  readonly origin: Origin
  readonly imageName: string
  /** The image's own tag: its version without a git tag. */
  readonly tag: string
  /** Undefined for a base that is in no registry, such as that of a user's Dockerfile. */
  readonly base: NamedBase | undefined
}

/** An image reference with its registry, also Docker Hub's. */
export function fullReference(reference: string): string {
  const { registry, repository, tag } = parseReference(reference)
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}`
}

/** The labels of OCI for an image (OCI image 1.1, "Pre-Defined Annotation Keys"). One without a value is left out. */
export function describingLabels({ origin, imageName, tag, base }: DescribedImage): Labels {
  const { source, revision, created, version } = origin
  const labels: Readonly<Record<string, string | undefined>> = {
    source,
    revision,
    created: created && secondsOf(created),
    version: version ?? tag,
    title: posix.basename(imageName),
    'base.name': base && fullReference(base.reference),
    'base.digest': base?.digest
  }
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      value === undefined ? [] : [[`org.opencontainers.image.${name}`, value]]
    )
  )
}

/** A time in RFC 3339, without fractions of a second. */
export const secondsOf = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z')
