import { FlowstoreError, SPACE_HINT } from '../errors.js'

/** What Python says of a disk that is full, or over its quota. */
const NO_SPACE = /OSError: \[Errno (?:28|122)\] /

/** The error of a module or a flow that found no space on the disk is not its own: WRITE_FAILED. Any other stays as it is. */
export function blamingDisk(error: FlowstoreError): FlowstoreError {
  const { message, file, line, detail } = error
  return NO_SPACE.test(message)
    ? new FlowstoreError('WRITE_FAILED', message, { file, line, detail, hint: SPACE_HINT })
    : error
}
