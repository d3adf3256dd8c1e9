import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'
import { OPAQUE, unpacking, WHITEOUT } from './layer-format.js'
import { withoutLinks } from './without-links.js'

/** A file, folder or link of an image. */
export interface ImageEntry {
  readonly type: 'file' | 'folder' | 'link'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** The target of a link. */
  readonly link?: string
  /** The content of a file, if it was asked for. */
  readonly content?: Buffer
}

/** `buffer` of Node's `stream/consumers` leaves as much memory again that nobody frees for long. */
async function contentOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of entry) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const TOP: ImageEntry = { type: 'folder', mode: 0o755, uid: 0, gid: 0, mtime: 0 }

/** The filesystem of an image, as its layers describe it. Paths are absolute. */
export class ImageFiles {
  private readonly entries = new Map<string, ImageEntry>([['/', TOP]])

  /**
   * Adds a layer on top. Layers have to be added in their order.
   *
   * @param layer the compressed archive
   * @param isWanted whether the content of a file is kept
   * @throws LayerUnusable for a media type that can't be read
   */
  async add(
    layer: Readable,
    mediaType: string,
    isWanted: (path: string) => boolean
  ): Promise<void> {
    const extract = tar.extract()
    const added = new Map<string, ImageEntry>()
    const read = async (): Promise<void> => {
      for await (const entry of extract) {
        const { header } = entry
        const path = posix.resolve('/', header.name)
        const content =
          header.type === 'file' && isWanted(path) ? await contentOf(entry) : undefined
        entry.resume()
        this.take(path, header, content, added)
      }
    }
    await Promise.all([pipeline([layer, ...unpacking(mediaType), extract]), read()])
    for (const [path, entry] of added) this.put(path, entry)
  }

  private take(
    path: string,
    { type, mode = 0, uid = 0, gid = 0, mtime, linkname }: tar.Header,
    content: Buffer | undefined,
    added: Map<string, ImageEntry>
  ): void {
    const name = posix.basename(path)
    const seconds = Math.floor((mtime?.getTime() ?? 0) / 1000)
    const owner = { mode: mode & 0o7777, uid, gid, mtime: seconds }
    if (name === OPAQUE) this.removeBelow(posix.dirname(path))
    else if (name.startsWith(WHITEOUT)) {
      this.remove(posix.join(posix.dirname(path), name.slice(WHITEOUT.length)))
    } else if (type === 'directory') {
      added.set(path, { type: 'folder', ...owner })
    } else {
      // It replaces a folder of a lower layer.
      if (this.entries.get(path)?.type === 'folder') this.removeBelow(path)
      if (type === 'symlink') added.set(path, { type: 'link', ...owner, link: linkname ?? '' })
      else if (type === 'link') {
        const target = posix.resolve('/', linkname ?? '')
        added.set(path, added.get(target) ?? this.entries.get(target) ?? { type: 'file', ...owner })
      } else added.set(path, { type: 'file', ...owner, ...(content && { content }) })
    }
  }

  /** Folders that no layer names are root's. */
  private put(path: string, entry: ImageEntry): void {
    const folder = posix.dirname(path)
    if (!this.entries.has(folder)) this.put(folder, TOP)
    this.entries.set(path, entry)
  }

  private remove(path: string): void {
    this.entries.delete(path)
    this.removeBelow(path)
  }

  private removeBelow(folder: string): void {
    const prefix = `${folder === '/' ? '' : folder}/`
    for (const path of this.entries.keys()) if (path.startsWith(prefix)) this.entries.delete(path)
  }

  /** All paths, in no order. */
  paths(): IterableIterator<string> {
    return this.entries.keys()
  }

  /** The entry at a path, without following a link at its end. */
  at(path: string): ImageEntry | undefined {
    const folder = this.real(posix.dirname(path))
    return folder === undefined
      ? undefined
      : this.entries.get(posix.join(folder, posix.basename(path)))
  }

  /** The path without links; undefined if nothing is there. */
  real(path: string): string | undefined {
    const real = withoutLinks(path, each => this.entries.get(each)?.link)
    return real !== undefined && this.entries.has(real) ? real : undefined
  }

  /** The entry at a path, with links followed. */
  entry(path: string): ImageEntry | undefined {
    const real = this.real(path)
    return real === undefined ? undefined : this.entries.get(real)
  }
}
