import type { FlowToCheck } from '../python/loader.js'
import type { FlowContent } from '../prefect/generation.js'

/** A flow that a Python can read: a file on its machine or in its container, or bytes that are sent to it. */
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

/** A flow as its storage keeps it: a file of an image, a file of this machine, or bytes. */
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

/** A flow in the form of the Python loader's request. */
export const flowToCheck = (flow: ReadableFlow): FlowToCheck =>
  flow.kind === 'file'
    ? { name: flow.name, path: flow.path }
    : { name: flow.name, content: flow.bytes, isScript: flow.content === 'source' }
