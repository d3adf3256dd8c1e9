import { statSync, type Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { FlowstoreError, type ErrorDetails } from '../errors.js'

/** The system's codes for an absent path. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

/** Whether an error means an absent path, and not an unreadable one. */
export const isAbsent = (error: unknown): boolean =>
  ABSENT.has((error as NodeJS.ErrnoException | undefined)?.code ?? '')

/**
 * The result of an operation on a path; undefined if the path does not exist.
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
 * The error for a path that has to exist: FILE_NOT_FOUND for an absent one, FILE_UNREADABLE with the reason for
 * any other fault. Undefined if the path exists.
 *
 * @param what the path as the user knows it, such as `the Dockerfile 'app.dockerfile'`
 * @param hint what to do about an absent path
 * @param kind what it has to be; default either
 */
export function pathError(
  path: string,
  what: string,
  hint: string,
  kind?: 'file' | 'folder'
): FlowstoreError | undefined {
  try {
    const isFolder = statSync(path).isDirectory()
    if (kind === undefined || isFolder === (kind === 'folder')) return undefined
    return isFolder
      ? folderError(what)
      : new FlowstoreError('INVALID_OPTION', `${what} is not a folder`)
  } catch (error) {
    return readError(error, what, hint)
  }
}

/**
 * What stands where a folder is to be made: the path itself or one above it, if that exists and is not a folder.
 * Undefined if nothing does.
 *
 * @param path absolute
 */
export async function inTheWay(path: string): Promise<string | undefined> {
  const stats = await ifThere(stat(path)).catch(() => undefined)
  if (stats !== undefined) return stats.isDirectory() ? undefined : path
  const above = dirname(path)
  return above === path ? undefined : inTheWay(above)
}

/**
 * The path of a file that a command is given: a folder stands for the file of that name in it.
 *
 * @param given relative to the working directory, or absolute
 */
export async function fileOrIn(cwd: string, given: string, name: string): Promise<string> {
  const stats = await ifThere(stat(resolve(cwd, given))).catch(() => undefined)
  return stats?.isDirectory() ? join(given, name) : given
}

/** What is wrong with a file that exists and could not be read, as a predicate. */
export const readFault = (error: unknown): string =>
  isOfFolder(error) ? 'is a folder, not a file' : `can't be read: ${(error as Error).message}`

const folderError = (what: string, file?: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('FILE_UNREADABLE', `${what} is a folder, not a file`, {
    hint: 'Name the file itself.',
    file,
    cause
  })

const isOfFolder = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === 'EISDIR'

/**
 * The error for a file that exists and could not be read.
 *
 * @param what the file as the user knows it
 * @param hint what to do, unless it is a folder
 */
export const unreadable = (
  what: string,
  error: unknown,
  { hint = 'Give the current user permission to read it.', file }: ErrorDetails = {}
): FlowstoreError =>
  isOfFolder(error)
    ? folderError(what, file, error)
    : new FlowstoreError('FILE_UNREADABLE', `${what} ${readFault(error)}`, {
        hint,
        file,
        cause: error
      })

/**
 * The error for a file that the user named and that could not be read: FILE_NOT_FOUND, or FILE_UNREADABLE with the
 * reason.
 *
 * @param what the file as the user knows it
 * @param hint what to do about an absent file
 */
export const readError = (error: unknown, what: string, hint: string): FlowstoreError =>
  isAbsent(error)
    ? new FlowstoreError('FILE_NOT_FOUND', `${what} does not exist`, { hint, cause: error })
    : unreadable(what, error)

/**
 * The error for a user's file that changed during a run.
 *
 * @param how the change, such as `grew`
 */
export const changedFile = (path: string, how: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('FILE_CHANGED', `${path} ${how} while flowstore was reading the repository`, {
    hint: 'Make sure that nothing writes there during the run, such as a server of an earlier step, or exclude the file with .gitignore or .dockerignore.',
    cause
  })

/**
 * The result of an operation on a user's file; a failure is an error that names the file.
 *
 * @throws FlowstoreError FILE_CHANGED for a file that has disappeared, FILE_UNREADABLE for any other fault; a
 * FlowstoreError of the operation is rethrown
 */
export async function readingFile<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    throw notRead(path, error)
  }
}

/** The same for an operation that is complete when it returns. */
export function readingFileNow<T>(path: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw notRead(path, error)
  }
}

function notRead(path: string, error: unknown): FlowstoreError {
  if (error instanceof FlowstoreError) return error
  // Node puts this character in the place of bytes that are not UTF-8.
  if (isAbsent(error) && path.includes('\uFFFD')) {
    return new FlowstoreError('FILE_UNREADABLE', `the name of ${path} is not UTF-8`, {
      hint: 'Rename it, or exclude it with .gitignore or .dockerignore.',
      cause: error
    })
  }
  if (isAbsent(error)) return changedFile(path, 'disappeared', error)
  return unreadable(path, error, {
    hint: 'Give the current user permission to read it, or exclude it with .gitignore or .dockerignore.'
  })
}

/** Number of files that are read at the same time. */
const PARALLEL_FILES = 16

/** Does some work for each file, with a limit on parallel work. */
export async function mapFiles<T, R>(
  files: readonly T[],
  work: (file: T) => Promise<R>
): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < files.length; start += PARALLEL_FILES) {
    results.push(...(await Promise.all(files.slice(start, start + PARALLEL_FILES).map(work))))
  }
  return results
}

/**
 * The stats of a user's path, links followed; undefined if it does not exist.
 *
 * @throws FlowstoreError as {@link readingFile}
 */
export const statIfThere = (path: string): Promise<Stats | undefined> =>
  readingFile(path, ifThere(stat(path)))

/**
 * The text of a user's file; undefined if it does not exist.
 *
 * @throws FlowstoreError as {@link readingFile}
 */
export const textIfThere = (path: string): Promise<string | undefined> =>
  readingFile(path, ifThere(readFile(path, 'utf8')))
