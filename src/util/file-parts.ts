import { closeSync, openSync, readSync } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { changedFile, readingFile, readingFileNow } from './files.js'

/** Bytes of a part. */
const PART = 1 << 17

/** Bytes of a file that {@link readSmall} reads. */
export const SMALL = PART - 1

/** Memory for parts: idle buffers, and buffers that a reader uses. */
const idle: Buffer[] = []
const inUse = new WeakSet<ArrayBufferLike>()

function borrowBuffer(): Buffer {
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(PART)
  inUse.add(buffer.buffer)
  return buffer
}

/**
 * Releases a part of {@link readParts}, so that a later part reuses its memory. Otherwise a file of a
 * gigabyte leaves a gigabyte of garbage. Bytes that are not a part are ignored.
 */
export function releasePart(part: Uint8Array): void {
  if (inUse.delete(part.buffer)) idle.push(Buffer.from(part.buffer as ArrayBuffer))
}

/** Copies a part of {@link readParts} into a buffer of its size, and releases it. */
export function detachPart(part: Buffer): Buffer {
  if (!inUse.has(part.buffer)) return part
  const copy = Buffer.from(part)
  releasePart(part)
  return copy
}

/** The next part of a file; undefined at its end. */
async function nextPart(file: FileHandle): Promise<Buffer | undefined> {
  const buffer = borrowBuffer()
  const { bytesRead } = await file.read(buffer, 0, PART)
  if (bytesRead > 0) return buffer.subarray(0, bytesRead)
  releasePart(buffer)
  return undefined
}

/**
 * Reads a user's file in parts; see {@link releasePart} and {@link detachPart}.
 *
 * @param size the length that the file must have; default any
 * @throws FlowstoreError FILE_CHANGED for a file that has disappeared or has another length; FILE_UNREADABLE
 */
export async function* readParts(path: string, size?: number): AsyncGenerator<Buffer> {
  let read = 0
  const file = await readingFile(path, open(path))
  try {
    for (;;) {
      const part = await readingFile(path, nextPart(file))
      if (part === undefined) break
      read += part.length
      if (size !== undefined && read > size) throw changedFile(path, 'grew')
      yield part
    }
  } finally {
    await file.close()
  }
  if (size !== undefined && read < size) throw changedFile(path, 'shrank')
}

/**
 * Reads a file of a user at once, as a part that can be released.
 *
 * @returns undefined if it has more than {@link SMALL} bytes
 * @throws FlowstoreError as {@link readParts}
 */
export function readIfSmall(path: string): Buffer | undefined {
  const content = borrowBuffer()
  const read = readStart(path, content, PART)
  if (read <= SMALL) return content.subarray(0, read)
  releasePart(content)
  return undefined
}

/**
 * The bytes of a file of a user. A small one is read at once: waiting for it takes several times as long.
 *
 * @throws FlowstoreError as {@link readParts}
 */
export async function readWhole(path: string): Promise<Buffer> {
  const small = readIfSmall(path)
  return small === undefined ? readingFile(path, readFile(path)) : detachPart(small)
}

/** The number of bytes that were read. */
const readStart = (path: string, into: Buffer, most: number): number =>
  readingFileNow(path, () => {
    const file = openSync(path, 'r')
    try {
      return readSync(file, into, 0, most, 0)
    } finally {
      closeSync(file)
    }
  })

/**
 * Reads a small file of a user at once, as a part that can be released.
 *
 * @param size the length that the file must have, at most {@link SMALL}
 * @throws FlowstoreError FILE_CHANGED for a file that has disappeared or has another length; FILE_UNREADABLE
 */
export function readSmall(path: string, size: number): Buffer {
  const content = borrowBuffer()
  const read = readStart(path, content, size + 1)
  if (read !== size) throw changedFile(path, read > size ? 'grew' : 'shrank')
  return content.subarray(0, size)
}
