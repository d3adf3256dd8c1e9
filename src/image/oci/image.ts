import type { StoredManifest } from '../../registry/client.js'
import { OWN_PLATFORM, platformOf } from '../../util/platform.js'
import { parseManifest, type Descriptor, type ImageConfig, type Platform } from './documents.js'

/** The image of one platform. */
export interface PlatformImage {
  /** The platform in the index; undefined without an index. */
  readonly platform?: Platform | undefined
  readonly manifest: StoredManifest
  /** With all its fields, also those that are not used here. */
  readonly config: ImageConfig
}

/**
 * What a name in a registry stands for: one manifest, or an index with one manifest for each platform, of which one is
 * read.
 */
export interface NamedImage {
  readonly digest: string
  readonly mediaType: string
  /** The manifest or the index that a tag of this image names. */
  readonly manifest: StoredManifest
  /** The image of this machine's platform; without one, the first. */
  readonly own: PlatformImage
}

/** An image in a registry, with the image of every platform. It is immutable: a change gives a new image. */
export interface Image extends NamedImage {
  /** Without attestations, which an index may hold too. */
  readonly platforms: readonly PlatformImage[]
}

/** The layers of an image, from the base up. */
export const layersOf = ({ manifest }: PlatformImage): readonly Descriptor[] =>
  parseManifest(manifest).layers

/** The platform of an image, `os/architecture`. */
export function platformIn({ config }: PlatformImage): string {
  const { os, architecture } = config as { os?: string; architecture?: string }
  return platformOf(os ?? '', architecture ?? '')
}

/** The image of this machine's platform; without one, the first. */
export const ownOf = (platforms: readonly PlatformImage[]): PlatformImage | undefined =>
  platforms.find(each => platformIn(each) === OWN_PLATFORM) ?? platforms[0]
