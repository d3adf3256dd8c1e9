import type { Dirent } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { pathFrom } from '../util/relative-path.js'
import { isBytecode, isVersionControl } from './fixed-names.js'
import { GitRules } from './ignore.js'
import { outermostFolder } from './outermost-folder.js'

/** A repository without an end, such as one with data, is searched up to here. */
const MOST_FOLDERS = 20_000

/** Folders that a hint names. */
const MOST_FOUND = 3

/** The entries of a folder; none if it can't be read: a hint is no reason to fail. */
const entriesIn = (folder: string): Promise<readonly Dirent[]> =>
  readdir(folder, { withFileTypes: true }).catch(() => [])

/** A folder of a repository. */
interface RepositoryFolder {
  /** Absolute. */
  readonly path: string
  readonly entries: readonly Dirent[]
}

/**
 * The folders of the git repository around a folder, from its top downwards, without hidden folders, virtual environments
 * and what git ignores. Without git, those below the folder.
 *
 * @param cwd absolute
 */
export async function* repositoryFolders(cwd: string): AsyncGenerator<RepositoryFolder, void> {
  const top = await realpath(await outermostFolder(cwd))
  const waiting = [{ folder: '', outer: await GitRules.above(top) }]
  for (let count = 0; count < MOST_FOLDERS; count += 1) {
    const next = waiting.shift()
    if (next === undefined) return
    const { folder, outer } = next
    const path = join(top, folder)
    const entries = await entriesIn(path)
    if (folder !== '' && entries.some(({ name }) => name === 'pyvenv.cfg')) continue
    yield { path, entries }
    const rules = await outer.with(top, folder)
    for (const entry of entries) {
      const { name } = entry
      if (!entry.isDirectory() || name.startsWith('.') || name === 'node_modules') continue
      if (isVersionControl(name) || isBytecode(name)) continue
      const below = folder === '' ? name : `${folder}/${name}`
      if (!rules.ignores(below, { isFolder: true })) waiting.push({ folder: below, outer: rules })
    }
  }
}

const hasPython = (entries: readonly Dirent[]): boolean =>
  entries.some(entry => entry.isFile() && entry.name.endsWith('.py'))

/** Whether a folder on `sys.path` gives a module: a file, or a folder with Python. */
async function gives({ path, entries }: RepositoryFolder, module: string): Promise<boolean> {
  const parts = module.split('.')
  const last = parts.pop() ?? ''
  const [first = last] = parts
  // Most folders have nothing of the name.
  if (!entries.some(({ name }) => name === first || name === `${first}.py`)) return false
  const within = parts.length === 0 ? entries : await entriesIn(join(path, ...parts))
  return (
    within.some(entry => entry.isFile() && entry.name === `${last}.py`) ||
    hasPython(await entriesIn(join(path, ...parts, last)))
  )
}

/**
 * The folders of the git repository that have a module, for the option `python-path`.
 *
 * @param cwd the working directory, absolute
 * @param module a dotted name; untrusted code may choose it
 * @returns the nearest three at most, relative to the working directory; `.` for itself
 */
export async function foldersWithModule(cwd: string, module: string): Promise<string[]> {
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(module)) return []
  const from = await realpath(cwd)
  const found: string[] = []
  for await (const folder of repositoryFolders(cwd)) {
    if (await gives(folder, module)) found.push(pathFrom(from, folder.path) || '.')
  }
  const steps = (folder: string): number => folder.split('/').length
  return found.sort((one, other) => steps(one) - steps(other)).slice(0, MOST_FOUND)
}
