import type { Dirent } from 'node:fs'
import { join, sep } from 'node:path'
import type { DockerIgnore, PathFilter } from '../../sources/docker-ignore.js'
import { isBytecode } from '../../sources/fixed-names.js'
import type { GitIgnored } from '../../sources/ignore.js'
import { pathBelow, pathFrom } from '../../util/relative-path.js'

/** What decides which files of a folder are copied. Version control never is. */
export interface CopyRules {
  /** The working directory. `.dockerignore` applies only below it. */
  readonly cwd: string
  readonly dockerIgnore: DockerIgnore
  /** git's rules; they apply only below its root. */
  readonly git: GitIgnored
  /** Absolute paths that are named: git's rules apply neither to them nor to what is in them. */
  readonly named: readonly string[]
  /** A folder below `cwd`, relative to it, that is left out of the folders around it: the output directory. */
  readonly output?: string | undefined
  /** Which paths are copied at all; with it, git's rules don't apply. Default all. */
  readonly only?: PathFilter | undefined
  /** Which files are copied, by their paths in the build context; default all. */
  readonly glob?: PathFilter | undefined
}

/** A file or folder that a walk found. */
export interface Found {
  readonly path: string
  readonly isFolder: boolean
  /** Relative to the working directory; undefined if it is not below it. */
  readonly below: string | undefined
  /** Path in the build context. */
  readonly target: string
  /** The topmost path that git ignores, of it and the folders above it; undefined if it is named or git ignores none. */
  readonly ignoredTop: string | undefined
}

const isNamed = ({ named }: CopyRules, path: string): boolean =>
  named.some(name => path === name || path.startsWith(`${name}${sep}`))

/**
 * A file or folder that a walk begins at.
 *
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function startAt(
  rules: CopyRules,
  path: string,
  target: string,
  isFolder: boolean
): Promise<Found> {
  const { cwd, git, only } = rules
  const inGit = only === undefined && !isNamed(rules, path) ? pathBelow(git.root, path) : undefined
  const top = inGit === undefined ? undefined : await git.topmost(inGit, isFolder)
  const ignoredTop = top === undefined ? undefined : join(git.root, top)
  return { path, isFolder, below: pathBelow(cwd, path), target, ignoredTop }
}

/**
 * What a walk finds in a folder.
 *
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function foundIn(
  rules: CopyRules,
  { path: folder, target, ignoredTop }: Found,
  entries: readonly Dirent[]
): Promise<readonly Found[]> {
  const { cwd, git, only, output } = rules
  const here = only === undefined ? pathBelow(git.root, folder) : undefined
  const gitRules = here === undefined ? undefined : await git.rulesIn(here)
  const ignoresAll = here !== undefined && gitRules?.ignoreAllIn(here)
  const topOf = (path: string, isFolder: boolean): string | undefined => {
    if (isNamed(rules, path)) return undefined
    if (ignoredTop !== undefined) return ignoredTop
    const isIgnored = gitRules?.ignores(pathFrom(git.root, path), { isFolder })
    return isIgnored ? (ignoresAll ? folder : path) : undefined
  }
  return entries
    .map(entry => {
      const path = join(folder, entry.name)
      const isFolder = entry.isDirectory()
      return {
        path,
        isFolder,
        below: pathBelow(cwd, path),
        target: target === '' ? entry.name : `${target}/${entry.name}`,
        ignoredTop: topOf(path, isFolder)
      }
    })
    .filter(({ below }) => below === undefined || below !== output)
}

/** Whether an exception of `.dockerignore` is meant for something that git ignores. */
function isBroughtBack({ cwd, dockerIgnore }: CopyRules, below: string, top: string): boolean {
  const topBelow = pathBelow(cwd, top)
  return topBelow ? (dockerIgnore.bringsBack?.(below, topBelow) ?? false) : false
}

/** Whether a file, or a folder without its content, is copied, left out by git's rules, or not meant anyway. */
export function decisionFor(rules: CopyRules, found: Found): 'copied' | 'left out' | 'not meant' {
  const { cwd, dockerIgnore, only, glob } = rules
  const { path, below, isFolder, ignoredTop, target } = found
  if (!isFolder && glob?.(target) === false) return 'not meant'
  if (below !== undefined && !dockerIgnore.includes(below)) return 'not meant'
  if (only?.(pathFrom(cwd, path)) === false) return 'not meant'
  if (ignoredTop === undefined) return 'copied'
  if (below !== undefined && isBroughtBack(rules, below, ignoredTop)) return 'copied'
  return isBytecode(path.slice(path.lastIndexOf(sep) + 1)) ? 'not meant' : 'left out'
}

/** Whether the content of a folder has to be read to know what of it is copied. */
export function mayHoldCopied(
  { dockerIgnore, glob, named }: CopyRules,
  { path, below, ignoredTop }: Found
): boolean {
  const { hasExceptions, includes, bringsBack } = dockerIgnore
  if (below !== undefined && !hasExceptions && !includes(below)) return false
  if (ignoredTop === undefined) return true
  if (below !== undefined && hasExceptions && bringsBack !== undefined) return true
  // Only its files tell whether a glob matches something in an ignored folder.
  return glob !== undefined || named.some(name => name.startsWith(`${path}${sep}`))
}
