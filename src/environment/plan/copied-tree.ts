import type { Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { isJobLogin, isVersionControl } from '../../sources/fixed-names.js'
import { readingFile } from '../../util/files.js'
import { pathFrom } from '../../util/relative-path.js'
import type { TarEntry } from '../../util/tar.js'
import {
  decisionFor,
  foundIn,
  mayHoldCopied,
  startAt,
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
export const copiedTree = async (
  rules: CopyRules,
  folder: string,
  target: string
): Promise<CopiedTree> => contentOf(rules, await startAt(rules, folder, target, true))

async function contentOf(rules: CopyRules, folder: Found): Promise<Walked> {
  const { path, ignoredTop } = folder
  const entries = await readingFile(path, readdir(path, { withFileTypes: true }))
  const meant = entries
    .filter(({ name }) => !isVersionControl(name) && !isJobLogin(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const walked: Walked[] = []
  for (const found of await foundIn(rules, folder, meant)) {
    walked.push(await (found.isFolder ? walkedFolder : walkedFile)(rules, found))
  }
  return {
    entries: walked.flatMap(inside => inside.entries),
    leftOut: walked.flatMap(({ leftOut }) => leftOut),
    isIgnored:
      ignoredTop !== undefined || (walked.length > 0 && walked.every(inside => inside.isIgnored))
  }
}

async function walkedFile(rules: CopyRules, found: Found): Promise<Walked> {
  const { path, target, ignoredTop } = found
  const isIgnored = ignoredTop !== undefined
  const decision = decisionFor(rules, found)
  if (decision !== 'copied') {
    const leftOut = decision === 'left out' ? [pathFrom(rules.cwd, path)] : []
    return { entries: [], leftOut, isIgnored }
  }
  const stats = await readingFile(path, lstat(path))
  const entry = stats.isSymbolicLink()
    ? { path: target, link: await readingFile(path, readlink(path)) }
    : fileEntry(path, target, stats)
  return { entries: [entry], leftOut: [], isIgnored }
}

async function walkedFolder(rules: CopyRules, found: Found): Promise<Walked> {
  const { path, target, ignoredTop } = found
  const decision = decisionFor(rules, found)
  const asWhole = [`${pathFrom(rules.cwd, path)}/`]
  if (!mayHoldCopied(rules, found)) {
    return {
      entries: [],
      leftOut: decision === 'left out' ? asWhole : [],
      isIgnored: ignoredTop !== undefined
    }
  }
  const { entries, leftOut, isIgnored } = await contentOf(rules, found)
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
