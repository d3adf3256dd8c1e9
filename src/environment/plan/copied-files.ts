import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { basename, join, posix, relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'
import type { PathFilter } from '../../sources/ignore.js'
import { FlowstoreError } from '../../errors.js'
import type { ImageFile } from '../../options/values/image-files.js'
import { sha256File } from '../../util/hash.js'
import { ifThere, mapFiles, readingFile } from '../../util/files.js'
import type { TarEntry } from '../../util/tar.js'
import { copyInstruction } from '../../docker/dockerfile.js'

/** The instructions and the context that copy the user's files into an image. */
export interface CopiedFiles {
  /** One `COPY` each. */
  readonly instructions: readonly string[]
  /** The files in the build context. */
  readonly context: readonly TarEntry[]
}

/** Whether a path of this machine is copied into the image. */
type IsCopied = (path: string) => boolean

const fileEntry = (path: string, target: string, { mode, size }: Stats): TarEntry => ({
  path: target,
  source: path,
  size,
  mode: (mode & 0o100) === 0 ? 0o644 : 0o755
})

/** Entries of a folder's content; links stay links. */
async function entriesIn(folder: string, target: string, isCopied: IsCopied): Promise<TarEntry[]> {
  const entries: TarEntry[] = []
  for (const name of (await readingFile(folder, readdir(folder))).sort()) {
    const path = join(folder, name)
    const stats = await readingFile(path, lstat(path))
    const to = `${target}/${name}`
    if (stats.isDirectory()) {
      const below = await entriesIn(path, to, isCopied)
      // An excluded folder is copied only for the exceptions in it.
      if (below.length > 0 || isCopied(path)) entries.push({ path: to, folder: true }, ...below)
    } else if (isCopied(path)) {
      entries.push(
        stats.isSymbolicLink()
          ? { path: to, link: await readingFile(path, readlink(path)) }
          : fileEntry(path, to, stats)
      )
    }
  }
  return entries
}

/** The entry of a file; or of a folder, with the entries of its copied content. */
async function treeEntries(
  path: string,
  target: string,
  stats: Stats,
  isCopied: IsCopied
): Promise<TarEntry[]> {
  if (!stats.isDirectory()) return [fileEntry(path, target, stats)]
  return [{ path: target, folder: true }, ...(await entriesIn(path, target, isCopied))]
}

/** Entries of the files that a glob matches, as a tree below the part of the glob without a pattern. */
async function globEntries(
  cwd: string,
  glob: string,
  target: string,
  isCopied: IsCopied
): Promise<TarEntry[]> {
  const { base } = picomatch.scan(glob)
  const below = posix.relative(base, posix.normalize(glob))
  const matches = below === '' ? () => false : picomatch(below)
  const root = resolve(cwd, base)
  const stats = await statOf(root)
  const all = stats?.isDirectory() ? await entriesIn(root, target, isCopied) : []
  const found = all.filter(
    entry => matches(entry.path.slice(target.length + 1)) && !('folder' in entry)
  )
  if (found.length === 0) {
    throw new FlowstoreError('FILE_NOT_FOUND', `'${glob}' in files matches no file`, {
      hint: `Looked in ${cwd}.`
    })
  }
  return found
}

/** The stats of a path, links followed; undefined if it does not exist. */
const statOf = (path: string): Promise<Stats | undefined> => readingFile(path, ifThere(stat(path)))

/** Identifies entries by everything in them that affects an image. */
export const contentsOf = (context: readonly TarEntry[]): Promise<readonly unknown[]> =>
  mapFiles(context, contentOf)

async function contentOf(entry: TarEntry): Promise<unknown> {
  if ('source' in entry) return [entry.path, entry.mode, await sha256File(entry.source)]
  return 'link' in entry ? [entry.path, 'link', entry.link] : [entry.path]
}

/**
 * Turns the option `files` into instructions and a build context. Folders and globs keep their tree;
 * `.dockerignore` applies to them, but not to a file that is named directly; links stay links; only
 * the executable bit of the mode is used.
 *
 * @param cwd the folder that sources are relative to
 * @param filter the filter of `.dockerignore`, for paths relative to `cwd`
 * @throws FlowstoreError FILE_NOT_FOUND for a glob that matches nothing, FILE_UNREADABLE, FILE_CHANGED
 */
export async function copiedFiles(
  cwd: string,
  files: readonly ImageFile[],
  filter: PathFilter
): Promise<CopiedFiles> {
  const instructions: string[] = []
  const context: TarEntry[] = []
  for (const [index, { source, destination, only }] of files.entries()) {
    const isCopied: IsCopied = path => {
      const below = relative(cwd, path).replaceAll(sep, '/')
      return below.startsWith('../') || (filter(below) && (only?.(below) ?? true))
    }
    const path = resolve(cwd, source)
    const stats = await statOf(path)
    const isFile = stats !== undefined && !stats.isDirectory()
    const target = `files/${index}${isFile ? `/${basename(path)}` : ''}`
    context.push(
      ...(stats === undefined
        ? await globEntries(cwd, source, target, isCopied)
        : await treeEntries(path, target, stats, isCopied))
    )
    instructions.push(
      isFile
        ? copyInstruction(target, destination)
        : copyInstruction(`${target}/`, `${destination.replace(/\/$/, '')}/`)
    )
  }
  return { instructions, context }
}
