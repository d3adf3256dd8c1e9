/** Bytes before each frame: the stream, three bytes of zero, the length. */
const HEADER = 8
const STANDARD_ERROR = 2

/**
 * Takes apart what comes over an attached connection: the bytes of both outputs of a container
 * (Docker Engine API, "Attach to a container", "Stream format").
 *
 * @param onOutput called with bytes as they come, and whether they are of standard error
 * @returns takes the connection's bytes, however they are cut
 */
export function readFrames(
  onOutput: (bytes: Buffer, isError: boolean) => void
): (chunk: Buffer) => void {
  /** The beginning of a header whose end has not come. */
  let partialHeader: Buffer = Buffer.alloc(0)
  let bytesLeft = 0
  let isError = false
  return chunk => {
    let rest = partialHeader.length === 0 ? chunk : Buffer.concat([partialHeader, chunk])
    partialHeader = Buffer.alloc(0)
    while (rest.length > 0) {
      if (bytesLeft === 0) {
        if (rest.length < HEADER) {
          partialHeader = rest
          return
        }
        isError = rest.readUInt8(0) === STANDARD_ERROR
        bytesLeft = rest.readUInt32BE(4)
        rest = rest.subarray(HEADER)
        continue
      }
      const bytes = rest.subarray(0, bytesLeft)
      onOutput(bytes, isError)
      bytesLeft -= bytes.length
      rest = rest.subarray(bytes.length)
    }
  }
}
