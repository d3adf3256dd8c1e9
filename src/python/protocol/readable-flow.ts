import type { FlowContent } from '../../prefect/generation.js'

/** A flow that one Python can read: a file that it has access to, or bytes that are sent to it. */
export type ReadableFlow =
  | {
      readonly kind: 'file'
      readonly name: string
      readonly path: string
      readonly content: FlowContent
    }
  | {
      readonly kind: 'bytes'
      readonly name: string
      readonly bytes: Buffer
      readonly content: FlowContent
    }
