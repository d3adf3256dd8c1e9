import { posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { TarEntry } from '../../util/tar.js'
import type { CopiedFiles, FileCopy } from '../plan/copied-files.js'
import type { BaseFacts } from './base-facts.js'
import { withoutLinks } from '../../image/oci/without-links.js'

/** The user's files at their paths in an image. */
export interface PlacedFiles {
  /** For the archive of a layer. */
  readonly entries: readonly TarEntry[]
  /** The base image with the folders and links among them. */
  readonly base: BaseFacts
}

/**
 * Places files as `COPY` does (Dockerfile reference, "COPY"; BuildKit): links of the image are followed on the way to a
 * destination, a file goes into a folder that is there, and the content of a folder is merged into one that is there.
 * All are root's.
 *
 * @param hasFolder whether the layer so far has a folder, by its absolute path
 * @throws FlowstoreError FILE_DESTINATION for a file in the place of a folder, and the other way round
 */
export function placedFiles(
  { copies, context }: Pick<CopiedFiles, 'copies' | 'context'>,
  base: BaseFacts,
  hasFolder: (path: string) => boolean
): PlacedFiles {
  const folders = new Map(Object.entries(base.folders))
  const entries = new Map<string, TarEntry>()
  const isFolder = (path: string): boolean => {
    const placed = entries.get(path.slice(1))
    if (placed !== undefined) return 'folder' in placed
    const known = folders.get(path)
    return known === undefined ? hasFolder(path) : known.link === undefined
  }
  const put = (entry: TarEntry, path: string): void => {
    const isNewFolder = 'folder' in entry
    if (isNewFolder ? folders.get(path)?.link !== undefined : isFolder(path)) {
      throw inPlaceOf(entry, path)
    }
    entries.set(path.slice(1), { ...entry, path: path.slice(1) })
    const owner = { mode: 0o755, uid: 0, gid: 0 }
    if (isNewFolder) folders.set(path, { ...owner, mode: entry.mode ?? owner.mode })
    else if ('link' in entry) folders.set(path, { ...owner, link: entry.link })
    else folders.delete(path)
  }
  for (const copy of copies) {
    const linkAt = (path: string) => folders.get(path)?.link
    const target = withoutLinks(copy.destination, linkAt) ?? copy.destination
    for (const [entry, path] of contentOf(copy, context, target, isFolder)) put(entry, path)
  }
  return { entries: [...entries.values()], base: { ...base, folders: Object.fromEntries(folders) } }
}

/** The entries that an instruction copies, each with its path in the image. */
function contentOf(
  { from, isFolder: isOfFolder }: FileCopy,
  context: readonly TarEntry[],
  target: string,
  isFolder: (path: string) => boolean
): (readonly [TarEntry, string])[] {
  if (isOfFolder) {
    const below = context.filter(({ path }) => path.startsWith(`${from}/`))
    return below.map(entry => [entry, posix.join(target, entry.path.slice(from.length + 1))])
  }
  const path = isFolder(target) ? posix.join(target, posix.basename(from)) : target
  return context.filter(entry => entry.path === from).map(entry => [entry, path])
}

const inPlaceOf = (entry: TarEntry, path: string): FlowstoreError =>
  new FlowstoreError(
    'FILE_DESTINATION',
    'folder' in entry
      ? `the option files copies a folder to ${path}, which is a link in the image`
      : `the option files copies a file to ${path}, which is a folder in the image`,
    { hint: 'Choose another destination.' }
  )
