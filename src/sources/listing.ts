import { lstatSync, readlinkSync, type Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readingFile, readingFileNow } from '../util/files.js'
import { pathBelow, pathFrom } from '../util/relative-path.js'
import { readDockerIgnore, type PathFilter } from './docker-ignore.js'
import {
  isBytecode,
  isJobLogin,
  isVersionControl,
  OUTPUT_FILES,
  STORED_SOURCES
} from './fixed-names.js'
import { GitRules } from './ignore.js'
import { ruleFor, type SourceRule } from './source-rules.js'
import type { SourceFile, Sources } from './sources.js'

/** Decides which paths are sources, together with the `.gitignore` files. */
interface Walk {
  readonly root: string
  /** The filter of `.dockerignore`. */
  readonly isIncluded: PathFilter
  /** Folders that are left out, relative to the root. */
  readonly exclude: ReadonlySet<string>
  /** The option `sources`: a path that it names is listed even if it is ignored. */
  readonly rules: readonly SourceRule[]
}

/** Whether the option `sources` names a path, or a folder above it. A pattern does not: it could match a secret. */
const names = ({ rules }: Walk, path: string): boolean =>
  ruleFor(rules, path)?.includes === true &&
  rules.some(rule => rule.includes && rule.path && rule.matches(path))

/** Whether the option `sources` names something in a folder. */
const namesIn = ({ rules }: Walk, folder: string): boolean =>
  rules.some(rule => rule.includes && rule.path?.startsWith(`${folder}/`))

/** Those folders that lie below a folder, relative to it. */
const foldersBelow = (top: string, folders: readonly string[]): ReadonlySet<string> =>
  new Set(folders.flatMap(folder => pathBelow(top, resolve(top, folder)) ?? []))

/** A file or a link as an entry; none for anything else, such as a socket or a folder. */
function entryOf(root: string, path: string): SourceFile[] {
  const absolute = join(root, path)
  // At once: to wait for each of thousands of files takes ten times as long as to ask.
  const stats = readingFileNow(absolute, () => lstatSync(absolute))
  const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 }
  if (stats.isSymbolicLink())
    return [{ ...entry, link: readingFileNow(absolute, () => readlinkSync(absolute)) }]
  return stats.isFile() ? [entry] : []
}

/** Whether a folder's `report.json` is one of flowstore, as in the output directory of another build. */
async function hasReport(folder: string): Promise<boolean> {
  const path = join(folder, 'report.json')
  const text = await readingFile(path, readFile(path, 'utf8'))
  try {
    const { versions } = JSON.parse(text) as {
      readonly versions?: Readonly<Record<string, string>>
    }
    return versions?.['flowstore'] !== undefined
  } catch {
    // A file of that name from another program.
    return false
  }
}

/** @param isIgnored whether an ignore file excludes all of the folder */
async function entriesBelow(
  walk: Walk,
  folder: string,
  outer: GitRules,
  isIgnored = false
): Promise<SourceFile[]> {
  const absolute = join(walk.root, folder)
  const entries = await readingFile(absolute, readdir(absolute, { withFileTypes: true }))
  const hasEntry = (name: string) => entries.some(entry => entry.name === name)
  // Skip virtual environments and local storages. The root may be one that the repository was checked out into.
  if (folder !== '' && (hasEntry('pyvenv.cfg') || hasEntry(STORED_SOURCES))) return []
  const isOutput =
    hasEntry('report.json') && hasEntry('storage.json') && (await hasReport(absolute))
  const rules = hasEntry('.gitignore') ? await outer.with(walk.root, folder) : outer
  const found = async (entry: Dirent): Promise<SourceFile[]> => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const isFolder = entry.isDirectory()
    if (isVersionControl(entry.name) || isBytecode(entry.name)) return []
    if (walk.exclude.has(path)) return []
    const ignored = isIgnored || rules.ignores(path, { isFolder })
    if (isFolder) {
      if (ignored && !names(walk, path) && !namesIn(walk, path)) return []
      return entriesBelow(walk, path, rules, ignored)
    }
    const isWritten = (isOutput && OUTPUT_FILES.has(entry.name)) || isJobLogin(entry.name)
    const isListed = (!ignored && !isWritten && walk.isIncluded(path)) || names(walk, path)
    return isListed ? entryOf(walk.root, path) : []
  }
  return (await Promise.all(entries.map(found))).flat()
}

/**
 * Lists the files of a repository that can be sources: those of the work tree, including those that earlier steps
 * generated. `chooseSources` chooses among them. Excluded are what git ignores ({@link GitRules}), the files of `.dockerignore`, version control,
 * bytecode, virtual environments (folders with a `pyvenv.cfg`), the sources that local storage wrote,
 * the files that another build wrote into its output directory, the login of another step ({@link isJobLogin}), and the
 * folders in `exclude`.
 *
 * @param root the repository's folder, absolute
 * @param exclude files and folders to leave out, relative to `root` or absolute: the output directory
 * @param named files that are always included, relative to `root`
 * @param rules the option `sources`: files and folders that it names are listed even if they are ignored
 * @throws FlowstoreError FILE_UNREADABLE; FILE_CHANGED for a file that disappears meanwhile
 */
export async function listSources(
  root: string,
  exclude: readonly string[] = [],
  named: readonly string[] = [],
  rules: readonly SourceRule[] = []
): Promise<Sources> {
  const { includes } = await readDockerIgnore(root)
  const walk = { root, isIncluded: includes, exclude: foldersBelow(root, exclude), rules }
  return withFiles({ root, files: await entriesBelow(walk, '', await GitRules.above(root)) }, named)
}

/**
 * Sources with further folders: those outside the root, and those that git ignores. Each is listed by the rules of
 * {@link listSources}, with a `.dockerignore` of its own if it lies outside the root.
 *
 * @param folders relative to the root
 * @param exclude files and folders to leave out, relative to the root or absolute: the output directory
 * @throws FlowstoreError as {@link listSources}
 */
export async function withFolders(
  sources: Sources,
  folders: readonly string[],
  exclude: readonly string[]
): Promise<Sources> {
  const { root, files } = sources
  const isListed = (folder: string) =>
    folder === '.' ||
    (!folder.startsWith('..') && files.some(file => file.path.startsWith(`${folder}/`)))
  const further = folders.filter(folder => !isListed(folder))
  if (further.length === 0) return sources
  const all = [...files]
  const listed = new Set(files.map(file => file.path))
  for (const folder of further) {
    for (const file of await filesIn(root, folder, exclude)) {
      if (!listed.has(file.path)) all.push(file)
      listed.add(file.path)
    }
  }
  return sourcesOf(root, all)
}

/** The files of one folder, with paths relative to the root. The root itself is left out. */
async function filesIn(
  root: string,
  folder: string,
  exclude: readonly string[]
): Promise<SourceFile[]> {
  const top = join(root, folder)
  const isOutside = folder.startsWith('..')
  const { includes } = await readDockerIgnore(isOutside ? top : root)
  const walk = {
    root: top,
    isIncluded: isOutside ? includes : (path: string) => includes(`${folder}/${path}`),
    exclude: foldersBelow(
      top,
      [root, ...exclude].map(path => resolve(root, path))
    ),
    rules: []
  }
  const found = await entriesBelow(walk, '', await GitRules.above(top))
  return found.map(file => ({ ...file, path: pathFrom(root, join(top, file.path)) }))
}

/**
 * Sources with further files.
 *
 * @param named files relative to the root, that no rule excludes
 * @throws FlowstoreError as {@link listSources}
 */
export function withFiles(
  { root, files }: Pick<Sources, 'root' | 'files'>,
  named: readonly string[]
): Sources {
  const all = [...files]
  const listed = new Set(files.map(file => file.path))
  for (const path of new Set(named)) {
    if (!listed.has(path)) all.push(...entryOf(root, path))
  }
  return sourcesOf(root, all)
}

function sourcesOf(root: string, files: readonly SourceFile[]): Sources {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root, files: sorted, size: sorted.reduce((sum, file) => sum + file.size, 0) }
}
