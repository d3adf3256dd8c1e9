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

/** Flows for an image, and the labels that describe them. */
export interface FlowImageContent {
  readonly layer: FlowLayer
  readonly labels: Labels
}

/**
 * Adds flows to an environment image and tags the result: in the registry, or with the daemon. The flows are
 * checked between the two steps; no tag moves before the check.
 */
export interface ImageSink<Assembled> {
  /** Makes the result that {@link ImageSink.publish} publishes. It has no tag yet. */
  assemble(content: FlowImageContent): Promise<Assembled>
  /** Reads the flows back where they will run. */
  check(assembled: Assembled): Promise<void>
  /**
   * Adds the tags to the image.
   *
   * @returns digest of the manifest in the registry; null if the image is not pushed
   */
  publish(assembled: Assembled, name: ImageName): Promise<string | null>
  /** Removes an assembled result that can't be published. */
  discard(assembled: Assembled): Promise<void>
}
