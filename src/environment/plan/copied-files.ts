import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, posix, resolve } from 'node:path'
import picomatch from 'picomatch'
import { FlowstoreError } from '../../errors.js'
import { copyInstruction } from '../../docker/dockerfile.js'
import { versionControlNamed, type ImageFile } from '../../options/values/image-files.js'
import { liesInVersionControl } from '../../sources/fixed-names.js'
import { GitIgnored, type DockerIgnore } from '../../sources/ignore.js'
import { sha256File } from '../../util/hash.js'
import { ifThere, mapFiles, readingFile } from '../../util/files.js'
import type { TarEntry } from '../../util/tar.js'
import { copiedTree, fileEntry, type CopiedTree } from './copied-tree.js'
import { pathBelow, type CopyRules, type Glob } from './copy-rules.js'
import { shownPaths } from './left-out.js'

/** The instructions and the context that copy the user's files into an image. */
export interface CopiedFiles {
  /** One `COPY` each. */
  readonly instructions: readonly string[]
  /** The files in the build context. */
  readonly context: readonly TarEntry[]
  /**
   * What git ignores below the sources, and is therefore not copied: the topmost paths, relative to the working
   * directory and sorted; those of folders end in a slash.
   */
  readonly leftOut: readonly string[]
}

/** A source of the option `files`, and where it is copied from and to. */
interface Source {
  readonly file: ImageFile
  /** The file or folder; for a glob the folder of its part without a pattern. */
  readonly path: string
  /** Undefined if it does not exist. */
  readonly stats: Stats | undefined
  /** Path in the build context. */
  readonly target: string
  readonly glob?: Glob | undefined
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

async function sourceOf(cwd: string, file: ImageFile, index: number): Promise<Source> {
  const whole = resolve(cwd, file.source)
  const stats = await statOf(whole)
  const target = `files/${index}`
  if (stats?.isDirectory() === false) {
    return { file, path: whole, stats, target: `${target}/${basename(whole)}` }
  }
  if (stats !== undefined) return { file, path: whole, stats, target }
  const { base } = picomatch.scan(file.source)
  const path = resolve(cwd, base)
  const below = posix.relative(base, posix.normalize(file.source))
  return { file, path, stats: await statOf(path), target, glob: globOf(below, target) }
}

function globOf(pattern: string, target: string): Glob {
  const isMatch = pattern === '' ? () => false : picomatch(pattern)
  return {
    matches: path => isMatch(path.slice(target.length + 1)),
    isNaming: !/\*\*|[!?+*@]\(|^!/.test(pattern) && hasText(posix.basename(pattern))
  }
}

/** Whether a pattern has literal text, such as `*.whl`. */
const hasText = (pattern: string): boolean =>
  /[\p{L}\p{N}]/u.test(pattern.replace(/\[[^\]]*\]/g, ''))

/** The entry of a file that is named; or of a folder, with its content; or the files that a glob matches. */
async function copiedSource(source: Source, rules: CopyRules): Promise<CopiedTree> {
  const { file, path, stats, target, glob } = source
  if (glob !== undefined) {
    const tree = stats?.isDirectory() ? await copiedTree(rules, path, target) : NOTHING
    const entries = tree.entries.filter(entry => !('folder' in entry))
    if (entries.length === 0) throw noMatch(file.source, rules, tree.leftOut)
    return { ...tree, entries }
  }
  if (!stats?.isDirectory()) {
    return { ...NOTHING, entries: stats ? [fileEntry(path, target, stats)] : [] }
  }
  const { entries, leftOut } = await copiedTree(rules, path, target)
  return { entries: [{ path: target, folder: true }, ...entries], leftOut }
}

const NOTHING: CopiedTree = { entries: [], leftOut: [] }

const noMatch = (
  glob: string,
  { cwd, dockerIgnore }: CopyRules,
  leftOut: readonly string[]
): FlowstoreError =>
  new FlowstoreError('FILE_NOT_FOUND', `'${glob}' in files matches no file`, {
    hint:
      leftOut.length === 0
        ? `Looked in ${cwd}.`
        : `Looked in ${cwd}. It matches only what git ignores: ${shownPaths(leftOut)}. Name a file or an ignored folder in files, or add !PATTERN to ${dockerIgnore.file}.`
  })

/** What is left out of one source, and not copied by another. */
function leftOutOf(cwd: string, trees: readonly CopiedTree[]): readonly string[] {
  const leftOut = new Set(trees.flatMap(tree => tree.leftOut))
  if (leftOut.size === 0) return []
  for (const entry of trees.flatMap(tree => tree.entries)) {
    let path = 'source' in entry ? (pathBelow(cwd, entry.source) ?? '') : ''
    leftOut.delete(path)
    for (; path !== '' && path !== '.'; path = posix.dirname(path)) leftOut.delete(`${path}/`)
  }
  return [...leftOut].sort()
}

const copyOf = ({ file: { destination }, target, stats, glob }: Source): string =>
  glob === undefined && stats?.isDirectory() === false
    ? copyInstruction(target, destination)
    : copyInstruction(`${target}/`, `${destination.replace(/\/$/, '')}/`)

/**
 * Turns the option `files` into instructions and a build context. Folders and globs keep their tree; links stay
 * links; only the executable bit of the mode is used.
 *
 * `.dockerignore` applies to folders and globs, but not to a file that is named directly. What git ignores is
 * copied only if it is meant: it is named, or lies in a folder that is; a glob without `**` whose last part has
 * literal text matches it; or an exception of `.dockerignore` brings it back. Version control is never copied.
 *
 * @param cwd the folder that sources are relative to
 * @throws FlowstoreError INVALID_OPTION for a source in version control, FILE_NOT_FOUND for a glob that matches
 * nothing, FILE_UNREADABLE, FILE_CHANGED
 */
export async function copiedFiles(
  cwd: string,
  files: readonly ImageFile[],
  dockerIgnore: DockerIgnore
): Promise<CopiedFiles> {
  const git = new GitIgnored(cwd)
  const instructions: string[] = []
  const trees: CopiedTree[] = []
  for (const [index, file] of files.entries()) {
    const source = await sourceOf(cwd, file, index)
    const { path, stats, glob } = source
    if (liesInVersionControl(cwd, path)) {
      throw versionControlNamed(`${file.source}:${file.destination}`)
    }
    const below = pathBelow(cwd, path)
    const isFolder = stats?.isDirectory() ?? false
    const named = below !== undefined && (await git.has(below, isFolder)) ? [below] : []
    trees.push(await copiedSource(source, { cwd, dockerIgnore, git, named, only: file.only, glob }))
    instructions.push(copyOf(source))
  }
  return {
    instructions,
    context: trees.flatMap(tree => tree.entries),
    leftOut: leftOutOf(cwd, trees)
  }
}
