import { createHash, scrypt } from 'node:crypto'
import { readIfSmall, readParts, releasePart } from './file-parts.js'

/** SHA-256 of a text or of bytes, in hex. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/**
 * SHA-256 of a file, in hex; a large one is streamed.
 *
 * @throws FlowstoreError FILE_CHANGED for a file that has disappeared, FILE_UNREADABLE
 */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  // A stream takes longer to set up than to read, and a repository has thousands of files.
  const small = readIfSmall(path)
  if (small !== undefined) {
    hash.update(small)
    releasePart(small)
    return hash.digest('hex')
  }
  for await (const part of readParts(path)) {
    hash.update(part)
    releasePart(part)
  }
  return hash.digest('hex')
}

/** SHA-256 of a plain JSON value, in hex, independent of the order of keys in objects. */
export function sha256Json(value: unknown): string {
  return sha256(
    JSON.stringify(value, (_key, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part
    )
  )
}

/**
 * A hash of a secret text, in hex, that can be published: each guess at the text takes about 50 ms.
 *
 * @param salt the purpose of the hash
 */
export const slowHash = (text: string, salt: string): Promise<string> =>
  new Promise((done, fail) => {
    scrypt(text, salt, 32, (error, hash) => {
      if (error) fail(error)
      else done(hash.toString('hex'))
    })
  })
