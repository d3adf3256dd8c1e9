import type { FlowContent } from '../prefect/generation.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'

/** A flow as its storage holds it: a file of an image, a file of this machine, or bytes. */
export type StoredFlow =
  | ReadableFlow
  | {
      readonly kind: 'image'
      readonly name: string
      /** Reference of the image. */
      readonly image: string
      /** Path of the file in the image; for an entrypoint the folder that it is relative to. */
      readonly path: string
      readonly content: FlowContent
      readonly entrypoint?: string | undefined
    }
