import type { FlowLayer } from '../flow-layer.js'
import type { Labels } from '../labels.js'
import type { PlatformDigest } from '../oci/index-of.js'
import type { TagMove } from '../tag-move.js'

/** The names of an image. */
export interface ImageName {
  /** Registry and path, such as `ghcr.io/acme/flows`. */
  readonly repository: string
  readonly tag: string
  /** Further tags. */
  readonly tags: readonly string[]
}

/** Flows for an image, and the labels that describe them. */
export interface FlowImageContent {
  readonly layer: FlowLayer
  readonly labels: Labels
}

/** An image that is in a registry. */
interface PushedImage {
  /** Digest of the manifest or the index that its tags name. */
  readonly digest: string
  /** The platforms of an index; none of another image. */
  readonly platforms: readonly PlatformDigest[]
}

/** The result of {@link ImageSink.publish}. */
export interface PublishedImage {
  /** Null if the image is not pushed. */
  readonly pushed: PushedImage | null
  /** Its tags; a daemon has set the image's own already. */
  readonly tags: TagMove
}

/**
 * Adds flows to an environment image and publishes the result: in the registry, or with the daemon. The flows are
 * checked between the two steps; no tag moves before the check.
 */
export interface ImageSink<Assembled> {
  /** Makes the result that {@link ImageSink.publish} publishes. It has no tag yet. */
  assemble(content: FlowImageContent): Promise<Assembled>
  /** Reads the flows back where they will run. */
  check(assembled: Assembled): Promise<void>
  /** Stores the image where it is published. Its tags move later. */
  publish(assembled: Assembled, name: ImageName): Promise<PublishedImage>
  /** Removes an assembled result that can't be published. */
  discard(assembled: Assembled): Promise<void>
}
