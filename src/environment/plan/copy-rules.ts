import { relative, sep } from 'node:path'
import { isBytecode } from '../../sources/fixed-names.js'
import type { DockerIgnore, GitIgnored, PathFilter } from '../../sources/ignore.js'

/** What decides which files of a folder are copied. Version control never is. */
export interface CopyRules {
  /** The working directory. The rules apply only below it. */
  readonly cwd: string
  readonly dockerIgnore: DockerIgnore
  readonly git: GitIgnored
  /** Paths that are named, relative to `cwd`: git's rules apply neither to them nor to what is in them. */
  readonly named: readonly string[]
  /** Which paths are copied at all; with it, git's rules don't apply. Default all. */
  readonly only?: PathFilter | undefined
  /** A pattern for the files; default all files. */
  readonly glob?: Glob | undefined
}

/** A pattern for files. */
export interface Glob {
  /** Whether a file matches, by its path in the build context. */
  readonly matches: PathFilter
  /** Whether git's rules don't apply to a file that matches. */
  readonly isNaming: boolean
}

/** A file or folder that a walk found. */
export interface Found {
  readonly path: string
  readonly isFolder: boolean
  /** Relative to the working directory; undefined if it is not below it. */
  readonly below: string | undefined
  /** Path in the build context. */
  readonly target: string
  /** Whether git ignores it, and it is not named. */
  readonly isIgnored: boolean
}

/** A path relative to the working directory, with `/`; undefined if it is not below it. */
export function pathBelow(cwd: string, path: string): string | undefined {
  const below = relative(cwd, path).replaceAll(sep, '/')
  return below === '..' || below.startsWith('../') ? undefined : below
}

/** Whether a path is named, or lies in a folder that is. */
export const isNamed = ({ named }: CopyRules, path: string): boolean =>
  named.some(name => path === name || path.startsWith(`${name}/`))

/** Whether a file, or a folder without its content, is copied, left out by git's rules, or not meant anyway. */
export function decisionFor(rules: CopyRules, found: Found): 'copied' | 'left out' | 'not meant' {
  const { dockerIgnore, only, glob } = rules
  const { below, isFolder, isIgnored, target } = found
  if (!isFolder && glob?.matches(target) === false) return 'not meant'
  if (below === undefined) return 'copied'
  if (!dockerIgnore.includes(below) || only?.(below) === false) return 'not meant'
  if (!isIgnored || dockerIgnore.bringsBack?.(below)) return 'copied'
  if (!isFolder && glob?.isNaming) return 'copied'
  return isBytecode(below.slice(below.lastIndexOf('/') + 1)) ? 'not meant' : 'left out'
}

/** Whether the content of a folder has to be read to know what of it is copied. */
export function mayHoldCopied(
  { dockerIgnore, glob, named }: CopyRules,
  { below, isIgnored }: Found
): boolean {
  if (below === undefined || dockerIgnore.bringsBack !== undefined) return true
  if (!dockerIgnore.includes(below)) return false
  // Only its files tell whether a glob matches something in an ignored folder.
  return !isIgnored || glob !== undefined || named.some(name => name.startsWith(`${below}/`))
}
