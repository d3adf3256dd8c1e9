/** Bytes before each frame: the stream, three bytes of zero, the length. */
const HEADER = 8
const STANDARD_ERROR = 2

/**
 * Splits the bytes of an attached connection into the two outputs of a container (Docker Engine API, "Attach
 * to a container", "Stream format").
 *
 * @param onOutput called with bytes as they come, and whether they are from standard error
 * @returns a function for the connection's bytes, in chunks of any size
 */
export function readFrames(
  onOutput: (bytes: Buffer, isError: boolean) => void
): (chunk: Buffer) => void {
  /** The beginning of an incomplete header. */
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
