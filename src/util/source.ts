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

/** Memory for parts that was given back, and that is in somebody's hands. */
const free: Buffer[] = []
const lent = new WeakSet<ArrayBufferLike>()

function takePart(): Buffer {
  const memory = free.pop() ?? Buffer.allocUnsafeSlow(PART)
  lent.add(memory.buffer)
  return memory
}

/**
 * Says that a part that {@link readSource} gave is not read any more: its memory is that of another
 * part to come. Without it a file of a gigabyte leaves a gigabyte to be collected. Other bytes are
 * left alone.
 */
export function giveBack(part: Uint8Array): void {
  if (lent.delete(part.buffer)) free.push(Buffer.from(part.buffer as ArrayBuffer))
}

/** What to keep of a part in its place: a copy that takes no more memory than it has bytes. */
export function kept(part: Buffer): Buffer {
  if (!lent.has(part.buffer)) return part
  const copy = Buffer.from(part)
  giveBack(part)
  return copy
}

/**
 * The content of a file of the user's, in parts; see {@link giveBack} and {@link kept}.
 *
 * @param size the length that it was listed with; default any
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, or that has another length;
 * FILE_UNREADABLE
 */
export async function* readSource(path: string, size?: number): AsyncGenerator<Buffer> {
  let read = 0
  try {
    const file = await open(path)
    try {
      for (;;) {
        const memory = takePart()
        const { bytesRead } = await file.read(memory, 0, PART)
        const part = memory.subarray(0, bytesRead)
        if (bytesRead === 0) {
          giveBack(part)
          break
        }
        read += bytesRead
        if (size !== undefined && read > size) throw changed(path, 'grew')
        yield part
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
