import type { FlowstoreError } from '../errors.js'
import * as files from '../util/files.js'

/** The error for an existing file or folder that can't be read. */
export const unreadable = (path: string, error: unknown): FlowstoreError =>
  files.unreadable(`'${path}'`, error, {
    file: path,
    hint: 'Give the current user permission to read it: a container of an earlier step may have made it as root.'
  })
