import type { Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isVersionControl } from '../../sources/fixed-names.js'
import { readingFile } from '../../util/files.js'
import type { TarEntry } from '../../util/tar.js'
import {
  decisionFor,
  isNamed,
  mayHoldCopied,
  pathBelow,
  type CopyRules,
  type Found
} from './copy-rules.js'

/** What is copied of a folder, and what is not because git ignores it. */
export interface CopiedTree {
  readonly entries: readonly TarEntry[]
  /** The topmost paths, relative to the working directory; those of folders end in a slash. */
  readonly leftOut: readonly string[]
}

/** A folder or file in the walk. */
interface Walked extends CopiedTree {
  /** Whether git ignores it, or everything in it. */
  readonly isIgnored: boolean
}

/** The entry of a file; only the executable bit of its mode is kept. */
export const fileEntry = (path: string, target: string, { mode, size }: Stats): TarEntry => ({
  path: target,
  source: path,
  size,
  mode: (mode & 0o100) === 0 ? 0o644 : 0o755
})

/**
 * The content of a folder, by the rules; links stay links. Folders that git ignores are not read unless
 * something in them could be copied.
 *
 * @param folder absolute
 * @param target its path in the build context; empty for the context itself
 * @throws FlowstoreError FILE_UNREADABLE, FILE_CHANGED
 */
export const copiedTree = (rules: CopyRules, folder: string, target: string): Promise<CopiedTree> =>
  contentOf(rules, folder, target, false)

async function contentOf(
  rules: CopyRules,
  folder: string,
  target: string,
  isIgnored: boolean
): Promise<Walked> {
  const walked: Walked[] = []
  for (const found of await foundIn(rules, folder, target, isIgnored)) {
    walked.push(await (found.isFolder ? walkedFolder : walkedFile)(rules, found))
  }
  return {
    entries: walked.flatMap(({ entries }) => entries),
    leftOut: walked.flatMap(({ leftOut }) => leftOut),
    isIgnored: isIgnored || (walked.length > 0 && walked.every(inside => inside.isIgnored))
  }
}

/** What is in a folder, sorted by name, without version control. */
async function foundIn(
  rules: CopyRules,
  folder: string,
  target: string,
  isIgnored: boolean
): Promise<Found[]> {
  const { cwd, git, only } = rules
  const here = pathBelow(cwd, folder)
  const gitRules = here === undefined || only ? undefined : await git.rulesIn(here)
  const entries = await readingFile(folder, readdir(folder, { withFileTypes: true }))
  return entries
    .filter(({ name }) => !isVersionControl(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(entry => {
      const path = join(folder, entry.name)
      const isFolder = entry.isDirectory()
      const below = pathBelow(cwd, path)
      return {
        path,
        isFolder,
        below,
        target: target === '' ? entry.name : `${target}/${entry.name}`,
        isIgnored:
          below !== undefined &&
          gitRules !== undefined &&
          !isNamed(rules, below) &&
          (isIgnored || gitRules.ignores(below, { isFolder }))
      }
    })
}

async function walkedFile(rules: CopyRules, found: Found): Promise<Walked> {
  const { path, target, below, isIgnored } = found
  const decision = decisionFor(rules, found)
  if (decision !== 'copied') {
    return { entries: [], leftOut: decision === 'left out' ? [below ?? path] : [], isIgnored }
  }
  const stats = await readingFile(path, lstat(path))
  const entry = stats.isSymbolicLink()
    ? { path: target, link: await readingFile(path, readlink(path)) }
    : fileEntry(path, target, stats)
  return { entries: [entry], leftOut: [], isIgnored }
}

async function walkedFolder(rules: CopyRules, found: Found): Promise<Walked> {
  const { path, target, below } = found
  const decision = decisionFor(rules, found)
  const asWhole = [`${below ?? path}/`]
  if (!mayHoldCopied(rules, found)) {
    return {
      entries: [],
      leftOut: decision === 'left out' ? asWhole : [],
      isIgnored: found.isIgnored
    }
  }
  const { entries, leftOut, isIgnored } = await contentOf(rules, path, target, found.isIgnored)
  const hasFiles = entries.some(entry => !('folder' in entry))
  return {
    // A folder that is not copied itself is there for what is copied in it.
    entries:
      entries.length > 0 || decision === 'copied'
        ? [{ path: target, folder: true }, ...entries]
        : [],
    leftOut: isIgnored && !hasFiles && leftOut.length > 0 ? asWhole : leftOut,
    isIgnored
  }
}
