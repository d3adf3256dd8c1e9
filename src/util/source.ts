import { open } from 'node:fs/promises'
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

const PART = 1 << 16
/** Files read at one time. */
const TOGETHER = 16

/**
 * The content of a file of the user's, in parts.
 *
 * @param size the length that it was listed with; default any
 * @param own whether each part has memory of its own, to be kept; default true. Else a part holds
 * until the next is asked for, and a file of any length takes no more than one.
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, or that has another length;
 * FILE_UNREADABLE
 */
export async function* readSource(
  path: string,
  size?: number,
  { own = true } = {}
): AsyncGenerator<Buffer> {
  let read = 0
  try {
    const file = await open(path)
    try {
      let memory = Buffer.allocUnsafe(PART)
      for (;;) {
        const { bytesRead } = await file.read(memory, 0, PART)
        if (bytesRead === 0) break
        read += bytesRead
        if (size !== undefined && read > size) throw changed(path, 'grew')
        yield memory.subarray(0, bytesRead)
        if (own) memory = Buffer.allocUnsafe(PART)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw error instanceof FlowstoreError ? error : unreadable(path, error)
  }
  if (size !== undefined && read < size) throw changed(path, 'shrank')
}

/** Does something with each of many files, some of them at a time. */
export async function forFiles<T, R>(
  files: readonly T[],
  work: (file: T) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < files.length; at += TOGETHER) {
    results.push(...(await Promise.all(files.slice(at, at + TOGETHER).map(work))))
  }
  return results
}
