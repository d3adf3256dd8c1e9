import { open, type FileHandle } from 'node:fs/promises'
import { changedFile, readingFile } from './files.js'

/** Bytes of a part. */
const PART = 1 << 16

/** Memory for parts: what nobody uses, and what some reader has. */
const idle: Buffer[] = []
const inUse = new WeakSet<ArrayBufferLike>()

function borrowBuffer(): Buffer {
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(PART)
  inUse.add(buffer.buffer)
  return buffer
}

/**
 * Says that nobody reads a part of {@link readParts} any more: its memory is that of another part to
 * come. Without it a file of a gigabyte leaves a gigabyte to be collected. Other bytes are left alone.
 */
export function releasePart(part: Uint8Array): void {
  if (inUse.delete(part.buffer)) idle.push(Buffer.from(part.buffer as ArrayBuffer))
}

/** Copies a part of {@link readParts} into as much memory as it has bytes, and releases it. */
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
 * Reads a file of the user's in parts; see {@link releasePart} and {@link detachPart}.
 *
 * @param size the length that it was listed with; default any
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, or that has another length;
 * FILE_UNREADABLE
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
