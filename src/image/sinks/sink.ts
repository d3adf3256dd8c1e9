import type { FlowLayer } from '../flow-layer.js'
import type { Labels } from '../labels.js'

/** The names of an image. */
export interface ImageName {
  /** Registry and path, such as `ghcr.io/acme/flows`. */
  readonly repository: string
  readonly tag: string
  /** Further tags. */
  readonly tags: readonly string[]
}

/** Flows for an image, and what the image says of them. */
export interface FlowImageContent {
  readonly layer: FlowLayer
  readonly labels: Labels
}

/**
 * Puts flows on an environment image and gives the result its tags: in the registry, or by the daemon.
 * Between the two steps the flows are checked; no tag moves before that.
 */
export interface ImageSink<Assembled> {
  /** Makes what {@link ImageSink.publish} publishes. Nothing has a tag yet. */
  assemble(content: FlowImageContent): Promise<Assembled>
  /** Reads the flows back where they will run. */
  check(assembled: Assembled): Promise<void>
  /**
   * Gives the image its tags.
   *
   * @returns digest of the manifest in the registry; null where the image is not pushed
   */
  publish(assembled: Assembled, name: ImageName): Promise<string | null>
  /** Removes what was assembled and can't be published. */
  discard(assembled: Assembled): Promise<void>
}
