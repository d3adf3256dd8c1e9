import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import dockerIgnoreModule from '@balena/dockerignore'
import ignore, { type Ignore } from 'ignore'
import { sha256File, sha256Json } from '../util/hash.js'
import { forFiles } from '../util/source.js'

/** One entry of the declared sources. */
export interface SourceFile {
  /** Path relative to the root, with `/`. */
  readonly path: string
  /** Bytes; for a link the length of its target. */
  readonly size: number
  readonly executable: boolean
  /** Where a symbolic link points, as written; undefined for a file. */
  readonly link?: string
}

/** What a load can see of the repository. */
export interface Sources {
  /** The absolute folder that paths are relative to. */
  readonly root: string
  /** Sorted by path. */
  readonly files: readonly SourceFile[]
  /** All bytes together. */
  readonly size: number
}

/** Sources of which a load sees nothing. */
export const noSources = (root: string): Sources => ({ root, files: [], size: 0 })

// A CommonJS function whose types claim an ES default export.
const dockerIgnore = dockerIgnoreModule as unknown as (typeof dockerIgnoreModule)['default']

interface Rules {
  readonly folder: string
  readonly rules: Ignore
}

/** Deeper files speak first, as git has it. */
function gitIgnores(path: string, isFolder: boolean, stack: readonly Rules[]): boolean {
  for (const { folder, rules } of [...stack].reverse()) {
    const below = folder === '' ? path : path.slice(folder.length + 1)
    const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below)
    if (ignored) return true
    if (unignored) return false
  }
  return false
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Tells whether a path, relative to the root, is kept. */
export type PathFilter = (path: string) => boolean

/**
 * What a `.dockerignore` keeps, as Docker reads it.
 *
 * @param file the file, relative to the root; where there is none, all is kept
 */
export async function dockerFilter(root: string, file = '.dockerignore'): Promise<PathFilter> {
  const rules = await readIfThere(join(root, file))
  return rules === undefined
    ? () => true
    : dockerIgnore({ ignorecase: false }).add(rules).createFilter()
}

/** Never sources: version control (a file in a further work tree or submodule), bytecode. */
const NEVER = new Set(['.git', '.hg', '.svn', '__pycache__'])

/**
 * Lists the declared sources of a repository: the work tree as it stands, what earlier steps
 * generated included, less what its `.gitignore` files and its `.dockerignore` exclude, less
 * version control, bytecode, virtual environments (folders with a `pyvenv.cfg`) and the
 * folders in `exclude`.
 *
 * @param root the repository's folder, absolute
 * @param exclude folders to leave out, relative to `root`: the output directory
 * @param named files that count whatever the rules say, relative to `root`
 */
export async function listSources(
  root: string,
  exclude: readonly string[] = [],
  named: readonly string[] = []
): Promise<Sources> {
  const files: SourceFile[] = []
  const kept = await dockerFilter(root)
  const excluded = new Set(exclude)

  const add = async (path: string): Promise<void> => {
    const stats = await lstat(join(root, path))
    const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 }
    if (stats.isSymbolicLink()) files.push({ ...entry, link: await readlink(join(root, path)) })
    else if (stats.isFile()) files.push(entry)
  }

  const walk = async (folder: string, outer: readonly Rules[]): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true })
    if (folder !== '' && entries.some(entry => entry.name === 'pyvenv.cfg')) return
    const own = entries.some(entry => entry.name === '.gitignore')
      ? await readIfThere(join(root, folder, '.gitignore'))
      : undefined
    const stack =
      own === undefined ? outer : [...outer, { folder, rules: ignore().add(own) } satisfies Rules]
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (NEVER.has(entry.name)) continue
      if (entry.isDirectory()) {
        if (excluded.has(path)) continue
        if (!gitIgnores(path, true, stack)) await walk(path, stack)
      } else if (!entry.name.endsWith('.pyc') && !gitIgnores(path, false, stack)) {
        if (kept(path)) await add(path)
      }
    }
  }

  await walk('', [])
  const listed = new Set(files.map(file => file.path))
  for (const path of named) if (!listed.has(path)) await add(path)
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root, files, size: files.reduce((sum, file) => sum + file.size, 0) }
}

const hashes = new WeakMap<Sources, Promise<string>>()

/**
 * Identifies the sources by all that a load can see of them: paths, contents, links and the executable
 * bit. Files are read once for the same value.
 */
export function sourcesHash(sources: Sources): Promise<string> {
  let hash = hashes.get(sources)
  if (hash === undefined) {
    hash = hashOf(sources)
    hashes.set(sources, hash)
  }
  return hash
}

async function hashOf({ root, files }: Sources): Promise<string> {
  const entries = await forFiles(files, async ({ path, executable, link }) => [
    path,
    executable,
    link ?? (await sha256File(join(root, path))),
    link === undefined
  ])
  return sha256Json(entries)
}

/** The biggest files, biggest first. */
export function largestFiles(sources: Sources, count: number): readonly SourceFile[] {
  return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count)
}
