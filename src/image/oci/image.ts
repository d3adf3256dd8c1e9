import type { StoredManifest } from '../../registry/client.js'
import type { ImageConfig, Platform } from './documents.js'

/** The image of one platform. */
export interface PlatformImage {
  /** As the index names it; undefined for an image without an index. */
  readonly platform?: Platform | undefined
  readonly manifest: StoredManifest
  /** With every field it has, known here or not. */
  readonly config: ImageConfig
}

/**
 * An image as a registry has it: one manifest, or an index with one for each platform. A value: what
 * changes an image gives a new one.
 */
export interface Image {
  readonly digest: string
  readonly mediaType: string
  /** What a tag of this image names: the manifest or the index. */
  readonly manifest: StoredManifest
  /** Without attestations, which an index may hold too. */
  readonly platforms: readonly PlatformImage[]
}
