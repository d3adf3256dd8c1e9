import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { basename, join, posix, relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'
import type { PathFilter } from '../sources/ignore.js'
import { FlowstoreError } from '../errors.js'
import type { ImageFile } from '../options/files.js'
import { sha256File } from '../util/hash.js'
import { mapFiles } from '../util/files.js'
import type { TarEntry } from '../util/tar.js'
import { copyInstruction } from '../docker/dockerfile.js'

/** What puts the user's files into an image. */
export interface CopiedFiles {
  /** One `COPY` each. */
  readonly instructions: readonly string[]
  /** Their place in the build context. */
  readonly context: readonly TarEntry[]
}

/** Entries of a folder with all that is in it, or of a file; links stay links, but for the first. */
async function treeEntries(path: string, at: string, kept: (path: string) => boolean) {
  const entries: TarEntry[] = []
  const add = async (from: string, to: string, first: boolean): Promise<void> => {
    const facts = await (first ? stat(from) : lstat(from))
    if (facts.isDirectory()) {
      const before = entries.length
      entries.push({ path: to, folder: true })
      for (const name of (await readdir(from)).sort()) {
        await add(join(from, name), `${to}/${name}`, false)
      }
      // A folder that is left out is there for what an exception keeps in it, and else not.
      if (!first && entries.length === before + 1 && !kept(from)) entries.pop()
    } else if (!first && !kept(from)) return
    else if (facts.isSymbolicLink()) entries.push({ path: to, link: await readlink(from) })
    else {
      const mode = (facts.mode & 0o100) === 0 ? 0o644 : 0o755
      entries.push({ path: to, source: from, size: facts.size, mode })
    }
  }
  await add(path, at, true)
  return entries
}

/** Entries of all that a glob matches, with the tree below the glob's fixed part. */
async function globEntries(cwd: string, glob: string, at: string, kept: (path: string) => boolean) {
  const { base } = picomatch.scan(glob)
  const below = posix.relative(base, posix.normalize(glob))
  const matches = below === '' ? () => false : picomatch(below)
  const root = resolve(cwd, base)
  const all = await treeEntries(root, at, kept).catch(() => [])
  const found = all.filter(
    entry => matches(entry.path.slice(at.length + 1)) && !('folder' in entry)
  )
  if (found.length === 0) {
    throw new FlowstoreError('FILE_NOT_FOUND', `'${glob}' in files matches no file`, {
      hint: `Looked in ${cwd}.`
    })
  }
  return found
}

/** All that an image will have of entries: identifies them. */
export const contentsOf = (context: readonly TarEntry[]): Promise<readonly unknown[]> =>
  mapFiles(context, contentOf)

async function contentOf(entry: TarEntry): Promise<unknown> {
  if ('source' in entry) return [entry.path, entry.mode, await sha256File(entry.source)]
  return 'link' in entry ? [entry.path, 'link', entry.link] : [entry.path]
}

/**
 * Turns the option `files` into instructions and a build context. Folders and globs keep their tree;
 * what `.dockerignore` leaves out of them stays out, a file named directly counts; links stay links;
 * of the mode the executable bit counts.
 *
 * @param cwd the folder that sources are relative to
 * @param filter what `.dockerignore` keeps, by paths relative to `cwd`
 * @throws FlowstoreError FILE_NOT_FOUND for a glob that matches nothing
 */
export async function copiedFiles(
  cwd: string,
  files: readonly ImageFile[],
  filter: PathFilter
): Promise<CopiedFiles> {
  const instructions: string[] = []
  const context: TarEntry[] = []
  for (const [index, { source, destination, only }] of files.entries()) {
    const kept = (path: string): boolean => {
      const below = relative(cwd, path).replaceAll(sep, '/')
      return below.startsWith('../') || (filter(below) && (only?.(below) ?? true))
    }
    const path = resolve(cwd, source)
    const facts = await stat(path).catch(() => undefined)
    const isFile = facts !== undefined && !facts.isDirectory()
    const at = `files/${index}${isFile ? `/${basename(path)}` : ''}`
    context.push(
      ...(facts === undefined
        ? await globEntries(cwd, source, at, kept)
        : await treeEntries(path, at, kept))
    )
    instructions.push(
      isFile
        ? copyInstruction(at, destination)
        : copyInstruction(`${at}/`, `${destination.replace(/\/$/, '')}/`)
    )
  }
  return { instructions, context }
}
