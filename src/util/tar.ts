import { createWriteStream } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pack } from 'tar-stream'
import { detachPart, readParts, readSmall, SMALL } from './file-parts.js'

/** One entry of an archive to create. Paths have `/` between their parts, and none at the beginning. */
export type TarEntry =
  | { readonly path: string; readonly content: Buffer | string; readonly mode?: number }
  | {
      readonly path: string
      /** A file on disk, streamed. */
      readonly source: string
      readonly size: number
      readonly mode?: number
    }
  | { readonly path: string; readonly link: string }
  | {
      readonly path: string
      readonly folder: true
      readonly mode?: number
      readonly uid?: number
      readonly gid?: number
    }

/**
 * Packs entries in order, with epoch times, and by default with owner 0:0 and fixed modes (files 0644,
 * folders 0755): the same entries give the same bytes. The stream fails with FlowstoreError FILE_CHANGED if a
 * file on disk has another size.
 *
 * Files are read only while the stream is read, so that its reader gets the errors.
 */
export const packTar = (entries: readonly TarEntry[]): NodeJS.ReadableStream =>
  Readable.from(partsOf(entries), { highWaterMark: 1 })

/** Imported only for an archive: a run that finds its image makes none. */
const tarStream = () => import('tar-stream')

async function* partsOf(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  const { pack: newPack } = await tarStream()
  const pack = newPack()
  fill(pack, entries).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)))
  })
  for await (const part of pack) yield part as Buffer
}

async function fill(pack: Pack, entries: readonly TarEntry[]): Promise<void> {
  // The stream reports errors. Without a listener, waiting entries would end the process.
  const add = (entry: ReturnType<Pack['entry']>) => entry.on('error', () => undefined)
  for (const entry of entries) {
    const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 }
    if ('folder' in entry) {
      const { mode = 0o755, uid = 0, gid = 0 } = entry
      add(pack.entry({ ...header, type: 'directory', mode, uid, gid }))
    } else if ('link' in entry) {
      add(pack.entry({ ...header, type: 'symlink', linkname: entry.link, mode: 0o777 }))
    } else if ('content' in entry) {
      add(pack.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.content))
    } else {
      const { source, size, mode = 0o644 } = entry
      // Streams take longer to set up than to read, and an archive has thousands of files.
      if (size > SMALL) {
        await pipeline(readParts(source, size), add(pack.entry({ ...header, mode, size })))
      } else {
        const content = readSmall(source, size)
        // Resolved when the reader has room for more.
        await new Promise<void>((resolve, reject) => {
          add(
            pack.entry({ ...header, mode, size }, content, error => {
              if (error) reject(error)
              else resolve()
            })
          )
        })
      }
    }
  }
  pack.finalize()
}

/** Packs entries as {@link packTar} does, into memory. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of partsOf(entries)) parts.push(detachPart(chunk))
  return Buffer.concat(parts)
}

/** Files have more bytes than their reader wants. */
export class TooLargeError extends Error {
  constructor() {
    super('the files are too large')
    this.name = 'TooLargeError'
  }
}

/**
 * Reads all files of an archive, by their paths.
 *
 * @param most bytes of all files; default no limit
 * @throws TooLargeError
 */
export async function unpackTar(
  archive: NodeJS.ReadableStream,
  most = Infinity
): Promise<Map<string, Buffer>> {
  let size = 0
  const files = new Map<string, Buffer>()
  const { extract: newExtract } = await tarStream()
  const extract = newExtract()
  const read = async (): Promise<void> => {
    for await (const entry of extract) {
      const chunks: Buffer[] = []
      for await (const chunk of entry) {
        size += (chunk as Buffer).length
        if (size > most) throw new TooLargeError()
        chunks.push(chunk as Buffer)
      }
      if (entry.header.type === 'file') files.set(entry.header.name, Buffer.concat(chunks))
    }
  }
  // Both fail for an incomplete archive.
  await Promise.all([pipeline(archive, extract), read()])
  return files
}

/** A stream that writes all files, folders and links of an archive below a folder. */
export async function extractTar(folder: string): Promise<NodeJS.WritableStream> {
  const { extract: newExtract } = await tarStream()
  const extract = newExtract()
  extract.on('entry', (header, stream, next) => {
    const path = join(folder, header.name)
    const write = async (): Promise<void> => {
      if (header.type === 'directory') {
        await mkdir(path, { recursive: true })
        stream.resume()
        return
      }
      await mkdir(dirname(path), { recursive: true })
      await rm(path, { force: true })
      if (header.type === 'symlink') {
        await symlink(header.linkname ?? '', path)
        stream.resume()
      } else await pipeline(stream, createWriteStream(path, { mode: header.mode ?? 0o644 }))
    }
    write().then(
      () => {
        next()
      },
      (error: unknown) => {
        next(error as Error)
      }
    )
  })
  return extract
}
