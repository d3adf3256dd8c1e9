import { FlowstoreError } from '../errors.js'

/** The system's codes for a path that is not there. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

/** Whether an error says that a path is not there, and not that it can't be looked at. */
export const isAbsent = (error: unknown): boolean =>
  ABSENT.has((error as NodeJS.ErrnoException | undefined)?.code ?? '')

/**
 * What an operation on a path gives, or undefined where there is nothing at that path.
 *
 * @throws any other fault
 */
export async function ifThere<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/**
 * The error for a file of the user's that changed during a run.
 *
 * @param how such as `grew`
 */
export const changedFile = (path: string, how: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('FILE_CHANGED', `${path} ${how} while flowstore was reading the repository`, {
    hint: 'Make sure that nothing writes there during the run, or exclude the file with .gitignore or .dockerignore.',
    cause
  })

/**
 * What an operation on a file of the user's gives; its failure is an error that names the file.
 *
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, FILE_UNREADABLE for any other fault; a
 * FlowstoreError of the operation itself as it is
 */
export async function readingFile<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof FlowstoreError) throw error
    if (isAbsent(error)) throw changedFile(path, 'disappeared', error)
    const { message } = error as Error
    throw new FlowstoreError('FILE_UNREADABLE', `${path} can't be read: ${message}`, {
      hint: 'Give the current user permission to read it, or exclude it with .gitignore or .dockerignore.',
      cause: error
    })
  }
}

/** Files read at one time. */
const TOGETHER = 16

/** Does something with each of many files, some of them at a time. */
export async function mapFiles<T, R>(
  files: readonly T[],
  work: (file: T) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < files.length; at += TOGETHER) {
    results.push(...(await Promise.all(files.slice(at, at + TOGETHER).map(work))))
  }
  return results
}
