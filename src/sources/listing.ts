import type { Dirent } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readingFile } from '../util/files.js'
import { readDockerIgnore, type PathFilter } from './docker-ignore.js'
import { isBytecode, isVersionControl } from './fixed-names.js'
import { GitRules } from './ignore.js'
import type { SourceFile, Sources } from './sources.js'

/** Decides which paths are sources, together with the `.gitignore` files. */
interface Walk {
  readonly root: string
  /** The filter of `.dockerignore`. */
  readonly isIncluded: PathFilter
  /** Folders that are left out, relative to the root. */
  readonly exclude: ReadonlySet<string>
}

/** A file or a link as an entry; none for anything else, such as a socket or a folder. */
async function entryOf(root: string, path: string): Promise<SourceFile[]> {
  const absolute = join(root, path)
  const stats = await readingFile(absolute, lstat(absolute))
  const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 }
  if (stats.isSymbolicLink())
    return [{ ...entry, link: await readingFile(absolute, readlink(absolute)) }]
  return stats.isFile() ? [entry] : []
}

async function entriesBelow(walk: Walk, folder: string, outer: GitRules): Promise<SourceFile[]> {
  const absolute = join(walk.root, folder)
  const entries = await readingFile(absolute, readdir(absolute, { withFileTypes: true }))
  const hasEntry = (name: string) => entries.some(entry => entry.name === name)
  // Skip virtual environments. The root may be one that the repository was checked out into.
  if (folder !== '' && hasEntry('pyvenv.cfg')) return []
  const rules = hasEntry('.gitignore') ? await outer.with(walk.root, folder) : outer
  const found = async (entry: Dirent): Promise<SourceFile[]> => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const isFolder = entry.isDirectory()
    if (isVersionControl(entry.name) || isBytecode(entry.name)) return []
    if (rules.ignores(path, { isFolder })) return []
    if (isFolder) return walk.exclude.has(path) ? [] : entriesBelow(walk, path, rules)
    return walk.isIncluded(path) ? entryOf(walk.root, path) : []
  }
  return (await Promise.all(entries.map(found))).flat()
}

/**
 * Lists the declared sources of a repository: the files of the work tree, including those that earlier steps
 * generated. Excluded are what git ignores ({@link GitRules}), the files of `.dockerignore`, version control,
 * bytecode, virtual environments (folders with a `pyvenv.cfg`) and the folders in `exclude`.
 *
 * @param root the repository's folder, absolute
 * @param exclude folders to leave out, relative to `root`: the output directory
 * @param named files that are always included, relative to `root`
 * @throws FlowstoreError FILE_UNREADABLE; FILE_CHANGED for a file that disappears meanwhile
 */
export async function listSources(
  root: string,
  exclude: readonly string[] = [],
  named: readonly string[] = []
): Promise<Sources> {
  const { includes } = await readDockerIgnore(root)
  const walk = { root, isIncluded: includes, exclude: new Set(exclude) }
  return withFiles({ root, files: await entriesBelow(walk, '', await GitRules.above(root)) }, named)
}

/**
 * Sources with further files.
 *
 * @param named files relative to the root, that no rule excludes
 * @throws FlowstoreError as {@link listSources}
 */
export async function withFiles(
  { root, files }: Pick<Sources, 'root' | 'files'>,
  named: readonly string[]
): Promise<Sources> {
  const all = [...files]
  const listed = new Set(files.map(file => file.path))
  for (const path of new Set(named)) {
    if (!listed.has(path)) all.push(...(await entryOf(root, path)))
  }
  all.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root, files: all, size: all.reduce((sum, file) => sum + file.size, 0) }
}
