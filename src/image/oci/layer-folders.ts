import {
  closeSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync
} from 'node:fs'
import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'
import { FlowstoreError } from '../../errors.js'
import { isBroken } from '../../http/fault.js'
import { OPAQUE, unpacking, WHITEOUT } from './layer-format.js'
import { LayerUnusable } from './layer-unusable.js'

/** A folder of an image, and the folder of this machine that gets its content. Both are absolute. */
export interface FolderPair {
  readonly image: string
  readonly here: string
}

type Written = 'file' | 'folder' | 'link'

/** Bytes of a text that {@link LayerFolders} keeps. */
const LONGEST_TEXT = 64 * 1024

/**
 * Writes some folders of an image, from its layers. The top layer comes first: what it has, no lower layer changes.
 * Nothing is written outside the folders. No layer is in memory as a whole.
 */
export class LayerFolders {
  /** What lower layers may not bring: paths with all below them. */
  private readonly hidden = new Set<string>()
  /** Folders whose content in lower layers is hidden. */
  private readonly opaque = new Set<string>()
  private readonly written = new Map<string, Written>()
  private readonly kept = new Map<string, string>()

  /**
   * @param folders they exist on this machine, and are empty
   * @param isKept whether the text of a small file is kept for {@link LayerFolders.texts}
   */
  constructor(
    private readonly folders: readonly FolderPair[],
    private readonly isKept: (path: string) => boolean
  ) {}

  /**
   * Adds the layer below those that were added. A layer that fails leaves nothing, and can be added again.
   *
   * @param layer the compressed archive; the stream has to fail if its digest is wrong
   * @throws FlowstoreError REGISTRY for an archive that is damaged, or has a path that leads out of it;
   * FlowstoreError WRITE_FAILED; LayerUnusable for what can't be kept outside the image
   */
  async addBelow(layer: Readable, mediaType: string, digest: string): Promise<void> {
    const added = new LayerWriter(this.folders, digest, path => this.isHidden(path), this.isKept)
    const extract = tar.extract()
    let fault: unknown
    const read = async (): Promise<void> => {
      try {
        for await (const entry of extract) await added.take(entry)
      } catch (error) {
        fault = error
        throw error
      }
    }
    const [unpacked] = await Promise.allSettled([
      pipeline([layer, ...unpacking(mediaType), extract]),
      read()
    ])
    if (fault === undefined && unpacked.status === 'fulfilled') {
      this.put(added)
      return
    }
    added.remove()
    throw causeIn([unpacked.status === 'rejected' ? unpacked.reason : undefined, fault], digest)
  }

  private put(added: LayerWriter): void {
    for (const [path, type] of added.written) {
      this.written.set(path, type)
      if (type !== 'folder') this.hidden.add(path)
    }
    for (const [path, text] of added.kept) this.kept.set(path, text)
    for (const path of added.removed) this.hidden.add(path)
    for (const path of added.emptied) this.opaque.add(path)
  }

  private isHidden(path: string): boolean {
    if (this.written.has(path) || this.hidden.has(path)) return true
    for (let above = path; above !== '/';) {
      above = posix.dirname(above)
      if (this.hidden.has(above) || this.opaque.has(above)) return true
    }
    return false
  }

  /** The paths in the image of all files, folders and links that were written. */
  paths(): IterableIterator<string> {
    return this.written.keys()
  }

  /** The texts of files that are kept, by path in the image. */
  texts(): ReadonlyMap<string, string> {
    return this.kept
  }
}

/** The error to report: what the network or this machine says comes before what follows from it. */
function causeIn(errors: readonly unknown[], digest: string): unknown {
  const known = errors.find(
    error => error instanceof FlowstoreError || error instanceof LayerUnusable || isBroken(error)
  )
  if (known !== undefined) return known
  const [first] = errors.filter(error => error !== undefined)
  return new FlowstoreError(
    'REGISTRY',
    `the layer ${digest} can't be unpacked: ${(first as Error).message}`,
    { cause: first }
  )
}

/** A part of an archive. */
interface Entry extends AsyncIterable<unknown> {
  readonly header: tar.Header
  resume(): unknown
}

/** Writes what one layer has. */
class LayerWriter {
  readonly written = new Map<string, Written>()
  readonly kept = new Map<string, string>()
  /** Paths that its whiteouts remove from lower layers. */
  readonly removed: string[] = []
  /** Folders whose content its whiteouts remove from lower layers. */
  readonly emptied: string[] = []

  constructor(
    private readonly folders: readonly FolderPair[],
    private readonly digest: string,
    private readonly isHidden: (path: string) => boolean,
    private readonly isKept: (path: string) => boolean
  ) {}

  async take(entry: Entry): Promise<void> {
    const { header } = entry
    const path = this.pathOf(header.name)
    const name = posix.basename(path)
    const folder = posix.dirname(path)
    if (name === OPAQUE) this.emptied.push(folder)
    else if (name.startsWith(WHITEOUT)) {
      this.removed.push(posix.join(folder, name.slice(WHITEOUT.length)))
    } else {
      const here = this.here(path)
      if (here === undefined) this.checkAbove(path, header.type)
      else if (!this.isHidden(path)) {
        await this.write(path, here, entry)
        return
      }
    }
    entry.resume()
  }

  /** Removes what was written. */
  remove(): void {
    for (const [path, type] of [...this.written].reverse()) {
      if (type !== 'folder') rmSync(this.here(path) ?? '', { force: true })
    }
  }

  /** @throws FlowstoreError REGISTRY for a name that no builder of images writes */
  private pathOf(name: string): string {
    if (name.startsWith('/') || name.split('/').includes('..')) {
      throw new FlowstoreError(
        'REGISTRY',
        `the layer ${this.digest} has the path '${name}', which leads out of it`,
        { hint: 'Somebody changed this image. Remove it from the registry and build again.' }
      )
    }
    return posix.resolve('/', name)
  }

  /** The place on this machine; undefined outside the folders. */
  private here(path: string): string | undefined {
    const pair = this.folders.find(({ image }) => isIn(path, image))
    return pair && posix.join(pair.here, path.slice(pair.image.length))
  }

  /** A folder that is a link in the image can't be found by its name. */
  private checkAbove(path: string, type: Entry['header']['type']): void {
    if (type === 'directory') return
    const pair = this.folders.find(({ image }) => isIn(image, path))
    if (pair) throw this.unusable(`${path} is no folder`)
  }

  private async write(path: string, here: string, entry: Entry): Promise<void> {
    const { header } = entry
    if (header.type === 'directory') {
      this.makeFolder(path)
      entry.resume()
      return
    }
    if (this.folders.some(({ image }) => image === path))
      throw this.unusable(`${path} is no folder`)
    this.makeFolder(posix.dirname(path))
    const before = this.written.get(path)
    if (before === 'folder') throw this.unusable(`${path} is a folder and a file`)
    if (before !== undefined) this.replace(path, here)
    if (header.type === 'file' || header.type === 'contiguous-file') {
      await this.writeFile(path, here, entry)
      return
    }
    if (header.type === 'symlink') this.writeLink(path, here, header.linkname ?? '')
    else if (header.type === 'link') this.writeHardLink(path, here, header.linkname ?? '')
    else throw this.unusable(`${path} is a ${header.type ?? 'file of an unknown kind'}`)
    entry.resume()
  }

  private replace(path: string, here: string): void {
    onDisk(here, () => {
      rmSync(here)
    })
    this.written.delete(path)
  }

  /** Makes a folder and those above it. Nothing is ever written through a link. */
  private makeFolder(path: string): void {
    const known = this.written.get(path)
    if (known === 'folder' || this.folders.some(({ image }) => image === path)) return
    if (known !== undefined) throw this.unusable(`${path} is a ${known} and a folder`)
    this.makeFolder(posix.dirname(path))
    const here = this.here(path) ?? ''
    onDisk(here, () => mkdirSync(here, { recursive: true, mode: 0o755 }))
    this.written.set(path, 'folder')
  }

  private async writeFile(path: string, here: string, entry: Entry): Promise<void> {
    const { mode = 0, mtime, size = 0 } = entry.header
    const isProgram = (mode & 0o111) !== 0
    // It exists nowhere yet: a link is not followed.
    const file = onDisk(here, () => openSync(here, 'wx', isProgram ? 0o755 : 0o644))
    this.written.set(path, 'file')
    const parts: Buffer[] = []
    const isText = size <= LONGEST_TEXT && this.isKept(path)
    try {
      for await (const part of entry as AsyncIterable<Buffer>) {
        onDisk(here, () => {
          for (let at = 0; at < part.length;) at += writeSync(file, part, at)
        })
        if (isText) parts.push(part)
      }
      // Bytecode is valid for the time of its module.
      const seconds = Math.floor((mtime?.getTime() ?? 0) / 1000)
      onDisk(here, () => {
        futimesSync(file, seconds, seconds)
      })
    } finally {
      closeSync(file)
    }
    if (isText) this.kept.set(path, Buffer.concat(parts).toString('utf8'))
  }

  /** The link is written in a form that can't lead out of the folders, whatever other links there are. */
  private writeLink(path: string, here: string, target: string): void {
    const real = posix.resolve(posix.dirname(path), target)
    const there = this.here(real)
    if (there === undefined)
      throw this.unusable(`${path} is a link to ${target}, outside the packages`)
    const relative = posix.relative(posix.dirname(here), there)
    onDisk(here, () => {
      symlinkSync(relative === '' ? '.' : relative, here)
    })
    this.written.set(path, 'link')
  }

  private writeHardLink(path: string, here: string, target: string): void {
    const real = this.pathOf(target)
    if (this.written.get(real) !== 'file') {
      throw this.unusable(`${path} is a link to ${real}, which is not among the packages`)
    }
    onDisk(here, () => {
      linkSync(this.here(real) ?? '', here)
    })
    this.written.set(path, 'file')
  }

  private unusable(what: string): LayerUnusable {
    return new LayerUnusable(`in the layer ${this.digest}, ${what}`)
  }
}

/** Whether a path is a folder or below it. */
const isIn = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`)

/** @throws FlowstoreError WRITE_FAILED */
function onDisk<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new FlowstoreError('WRITE_FAILED', `can't write ${path}: ${(error as Error).message}`, {
      hint: 'Packages of the environment image are unpacked there: make room, or set another cache folder (XDG_CACHE_HOME, RUNNER_TOOL_CACHE).',
      cause: error
    })
  }
}
