import type { FlowContent } from '../../prefect/generation.js'

/** A flow that one Python can read: a file that it has access to, bytes that are sent to it, or an entrypoint. */
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
  | {
      readonly kind: 'entrypoint'
      readonly name: string
      readonly entrypoint: string
      /** The folder that it is relative to, absolute; null for the sources of the session. */
      readonly folder: string | null
    }

/** A flow that is read back, and where it is made: errors name it. */
export type CheckedFlow = ReadableFlow & {
  readonly module?: string | undefined
  readonly line?: number | undefined
}
