import type { Writable } from 'node:stream'
import { releasePart } from '../util/file-parts.js'

/**
 * Sends a stream as the body of a request, part by part: the memory of a part is reused after it is sent. A
 * failing stream ends the request with its error.
 *
 * @param onSent called with the bytes that are sent
 */
export async function upload(
  stream: NodeJS.ReadableStream,
  request: Writable,
  onSent: (bytes: number) => void = () => undefined
): Promise<void> {
  let sent = 0
  // A broken connection may drop a write without calling back.
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
      sent += part.length
      releasePart(part)
      onSent(sent)
    }
    request.end()
  } catch (error) {
    request.destroy(error as Error)
  }
}

/** A stream that {@link upload} sends when dockerode pipes it into its request. */
export const uploading = (
  stream: NodeJS.ReadableStream,
  onSent?: (bytes: number) => void
): NodeJS.ReadableStream =>
  Object.assign(stream, {
    pipe: <T extends NodeJS.WritableStream>(request: T): T => {
      void upload(stream, request as unknown as Writable, onSent)
      return request
    }
  })
