import type { FlowToCheck } from '../python/loader.js'
import type { FlowContent } from '../prefect/generation.js'

/** A flow that one Python can read: a file where that Python runs, or bytes that are put there for it. */
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

/** A flow as its storage keeps it: in a file of an image, in a file of this machine, or as its bytes. */
export type StoredFlow =
  | ReadableFlow
  | {
      readonly kind: 'image'
      readonly name: string
      /** Reference of the image. */
      readonly image: string
      /** Path of the file in the image. */
      readonly path: string
      readonly content: FlowContent
    }

/** A flow in the form that the Python loader's request has. */
export const flowToCheck = (flow: ReadableFlow): FlowToCheck =>
  flow.kind === 'file'
    ? { name: flow.name, path: flow.path }
    : { name: flow.name, content: flow.bytes, isScript: flow.content === 'source' }
