import type { StoredManifest } from '../../registry/client.js'
import type { ImageConfig, Platform } from './documents.js'

/** The image of one platform. */
export interface PlatformImage {
  /** The platform in the index; undefined without an index. */
  readonly platform?: Platform | undefined
  readonly manifest: StoredManifest
  /** With all its fields, also those that are not used here. */
  readonly config: ImageConfig
}

/**
 * An image in a registry: one manifest, or an index with one manifest for each platform. It is immutable: a
 * change gives a new image.
 */
export interface Image {
  readonly digest: string
  readonly mediaType: string
  /** The manifest or the index that a tag of this image names. */
  readonly manifest: StoredManifest
  /** Without attestations, which an index may hold too. */
  readonly platforms: readonly PlatformImage[]
}
