import { createReadStream } from 'node:fs'
import { FlowstoreError } from '../errors.js'

const changed = (path: string, how: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('FILE_CHANGED', `${path} ${how} while flowstore was reading the repository`, {
    hint: 'Let nothing write there during the run, or leave the file out with .gitignore or .dockerignore.',
    cause
  })

/** A file of the user's that can't be read, as an error that names it. */
function unreadable(path: string, error: unknown): FlowstoreError {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ENOENT'
    ? changed(path, 'went away', error)
    : new FlowstoreError('FILE_UNREADABLE', `${path} can't be read: ${message}`, {
        hint: 'Give this user the right to read it, or leave it out with .gitignore or .dockerignore.',
        cause: error
      })
}

/**
 * The content of a file of the user's, in parts.
 *
 * @param size the length that it was listed with; default any
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, or that has another length;
 * FILE_UNREADABLE
 */
export async function* readSource(path: string, size?: number): AsyncGenerator<Buffer> {
  let read = 0
  try {
    for await (const chunk of createReadStream(path)) {
      read += (chunk as Buffer).length
      if (size !== undefined && read > size) throw changed(path, 'grew')
      yield chunk as Buffer
    }
  } catch (error) {
    throw error instanceof FlowstoreError ? error : unreadable(path, error)
  }
  if (size !== undefined && read < size) throw changed(path, 'shrank')
}
