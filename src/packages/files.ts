import { FlowstoreError } from '../errors.js'

/** The error for a file or a folder of the user's that is there and can't be read. */
export const unreadable = (path: string, error: unknown): FlowstoreError =>
  new FlowstoreError('FILE_UNREADABLE', `'${path}' can't be read: ${(error as Error).message}`, {
    file: path,
    hint: 'Give the current user permission to read it.',
    cause: error
  })
