import type { Writable } from 'node:stream'
import { releasePart } from '../../util/file-parts.js'

/**
 * Sends what a stream gives as the body of a request, a part at a time: a part's memory is used again
 * once it is sent. A stream that fails ends the request with its error.
 */
export async function upload(stream: NodeJS.ReadableStream, request: Writable): Promise<void> {
  // A write that a broken connection drops never calls back.
  let next = (): void => undefined
  request.on('close', () => {
    next()
  })
  try {
    for await (const chunk of stream) {
      if (request.destroyed) return
      const part = chunk as Buffer
      await new Promise<void>(resolve => {
        next = resolve
        request.write(part, () => {
          resolve()
        })
      })
      releasePart(part)
    }
    request.end()
  } catch (error) {
    request.destroy(error as Error)
  }
}

/** A stream that is sent by {@link upload} when dockerode pipes it into its request. */
export const uploading = (stream: NodeJS.ReadableStream): NodeJS.ReadableStream =>
  Object.assign(stream, {
    pipe: <T extends NodeJS.WritableStream>(request: T): T => {
      void upload(stream, request as unknown as Writable)
      return request
    }
  })
