import { FlowstoreError } from '../errors.js'

/** The error for an existing file or folder that can't be read. */
export const unreadable = (path: string, error: unknown): FlowstoreError =>
  new FlowstoreError('FILE_UNREADABLE', `'${path}' can't be read: ${(error as Error).message}`, {
    file: path,
    hint: 'Give the current user permission to read it: a container of an earlier step may have made it as root.',
    cause: error
  })
