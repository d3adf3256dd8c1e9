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
    note(await inEntry(entry, find), `the file '${entry.path}' that the image copies`)
  }
  throwAll(errors)
}

/** What an installer writes beside the modules of packages: records, start-up files and scripts. */
const WRITTEN = /\.(?:dist|egg)-info\/|\.pth$|\/bin\/[^/]+$/

/**
 * Refuses installed packages if a secret is in what their installation wrote, such as the address that one came from. The
 * modules themselves are as their authors published them.
 *
 * @param entries the files of the packages
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND; FILE_UNREADABLE
 */
export async function refuseInPackages(
  entries: readonly TarEntry[],
  find: FindSecret | undefined
): Promise<void> {
  if (find === undefined) return
  const errors: FlowstoreError[] = []
  for (const entry of entries) {
    const secret = WRITTEN.test(entry.path) ? await inEntry(entry, find) : undefined
    if (secret === undefined) continue
    errors.push(
      secretFound(secret, `the file '${entry.path}' of the installed packages`, {
        hint: 'The address of a package, or the build of one, has the secret in it: install it from an index, with the login in index-url or in netrc.'
      })
    )
  }
  throwAll(errors)
}

async function inEntry(entry: TarEntry, find: FindSecret): Promise<string | undefined> {
  if ('source' in entry) return readingFile(entry.source, inFile(entry.source, find))
  return 'content' in entry ? find(entry.content) : undefined
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
