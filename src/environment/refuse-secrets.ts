import { createReadStream } from 'node:fs'
import { throwAll, type FlowstoreError } from '../errors.js'
import { readingFile } from '../util/files.js'
import { secretFound, type FindSecret } from '../util/secret-search.js'
import type { TarEntry } from '../util/tar.js'

/** Bytes of a file that are searched at a time, and those that are searched again with the next ones. */
const [PART, OVERLAP] = [16 << 20, 1 << 20]

/**
 * Refuses a build of an environment image whose instructions or files hold a secret: its layers are pushed before the flows
 * are there.
 *
 * @param what the Dockerfile, as the user knows it
 * @param find undefined if no secret is known: then no file is read
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND; FILE_UNREADABLE
 */
export async function refuseInBuild(
  what: string,
  dockerfile: string,
  context: readonly TarEntry[],
  find: FindSecret | undefined
): Promise<void> {
  if (find === undefined) return
  const errors: FlowstoreError[] = []
  const note = (secret: string | undefined, where: string) => {
    if (secret !== undefined) errors.push(secretFound(secret, where))
  }
  note(find(dockerfile), what)
  for (const entry of context) {
    const where = `the file '${entry.path}' that the image copies`
    if ('source' in entry) {
      note(await readingFile(entry.source, inFile(entry.source, find)), where)
    } else if ('content' in entry) note(find(entry.content), where)
  }
  throwAll(errors)
}

async function inFile(path: string, find: FindSecret): Promise<string | undefined> {
  let before = Buffer.alloc(0)
  for await (const part of createReadStream(path, { highWaterMark: PART })) {
    const bytes = Buffer.concat([before, part as Buffer])
    const secret = find(bytes)
    if (secret !== undefined) return secret
    before = bytes.subarray(-OVERLAP)
  }
  return undefined
}
