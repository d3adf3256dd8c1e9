import type { Stats } from 'node:fs'
import { basename, posix, resolve } from 'node:path'
import picomatch from 'picomatch'
import { FlowstoreError } from '../../errors.js'
import { copyInstruction } from '../../docker/dockerfile.js'
import { checkLayerPath } from '../../image/oci/layer-format.js'
import { versionControlNamed, type ImageFile } from '../../options/values/image-files.js'
import { liesInVersionControl } from '../../sources/fixed-names.js'
import type { PathFilter } from '../../sources/docker-ignore.js'
import { gitTop } from '../../sources/git-folder.js'
import { GitIgnored } from '../../sources/ignore.js'
import { globBase } from '../../sources/path-matcher.js'
import { sha256, sha256File } from '../../util/hash.js'
import { mapFiles, statIfThere } from '../../util/files.js'
import { pathBelow, pathFrom } from '../../util/relative-path.js'
import type { TarEntry } from '../../util/tar.js'
import { copiedTree, fileEntry, type CopiedTree } from './copied-tree.js'
import type { CopyRules } from './copy-rules.js'
import { shownPaths, withException } from './left-out.js'

/** The instructions and the context that copy the user's files into an image. */
export interface CopiedFiles {
  /** One `COPY` each. */
  readonly instructions: readonly string[]
  /** What the instructions do, as values. */
  readonly copies: readonly FileCopy[]
  /** The files in the build context. */
  readonly context: readonly TarEntry[]
  /**
   * What git ignores below the sources, and is therefore not copied: the topmost paths, relative to the working
   * directory and sorted; those of folders end in a slash.
   */
  readonly leftOut: readonly string[]
}

/** One `COPY`. */
export interface FileCopy {
  /** Path in the build context. */
  readonly from: string
  /** Absolute path in the image. */
  readonly destination: string
  /** Whether it copies the content of a folder, and not one file. */
  readonly isFolder: boolean
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
  readonly glob?: PathFilter | undefined
}

/** Identifies entries by everything in them that affects an image. */
export const contentsOf = (context: readonly TarEntry[]): Promise<readonly unknown[]> =>
  mapFiles(context, contentOf)

async function contentOf(entry: TarEntry): Promise<unknown> {
  if ('source' in entry) return [entry.path, entry.mode, await sha256File(entry.source)]
  if ('content' in entry) return [entry.path, entry.mode, sha256(entry.content)]
  return 'link' in entry ? [entry.path, 'link', entry.link] : [entry.path]
}

async function sourceOf(cwd: string, file: ImageFile, index: number): Promise<Source> {
  const whole = resolve(cwd, file.source)
  const stats = await statIfThere(whole)
  const target = `files/${index}`
  if (stats?.isDirectory() === false) {
    return { file, path: whole, stats, target: `${target}/${basename(whole)}` }
  }
  if (stats !== undefined) return { file, path: whole, stats, target }
  const base = globBase(file.source)
  const path = resolve(cwd, base)
  const below = posix.relative(base, posix.normalize(file.source))
  return { file, path, stats: await statIfThere(path), target, glob: globOf(below, target) }
}

/** Which files a pattern matches, by their paths in the build context. */
function globOf(pattern: string, target: string): PathFilter {
  const isMatch = pattern === '' ? () => false : picomatch(pattern)
  return path => isMatch(path.slice(target.length + 1))
}

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
  new FlowstoreError('FILE_NOT_FOUND', `'${glob}' in the option files matches no file`, {
    hint:
      leftOut.length === 0
        ? `Looked in ${cwd}.`
        : `Looked in ${cwd}. It matches only what git ignores: ${shownPaths(leftOut)}. ${withException('Name a file or an ignored folder as the SOURCE of a line SOURCE:/absolute/destination', dockerIgnore)}.`
  })

/** What is left out of one source, and not copied by another. */
function leftOutOf(cwd: string, trees: readonly CopiedTree[]): readonly string[] {
  const leftOut = new Set(trees.flatMap(tree => tree.leftOut))
  if (leftOut.size === 0) return []
  for (const entry of trees.flatMap(tree => tree.entries)) {
    let path = 'source' in entry ? pathFrom(cwd, entry.source) : ''
    leftOut.delete(path)
    for (; path !== '' && path !== '.'; path = posix.dirname(path)) leftOut.delete(`${path}/`)
  }
  return [...leftOut].sort()
}

const copyOf = ({ file: { destination }, target, stats, glob }: Source): FileCopy => ({
  from: target,
  destination,
  isFolder: glob !== undefined || stats?.isDirectory() !== false
})

const instructionOf = ({ from, destination, isFolder }: FileCopy): string =>
  isFolder
    ? copyInstruction(`${from}/`, `${destination.replace(/\/$/, '')}/`)
    : copyInstruction(from, destination)

/** What decides what is copied of the sources. */
export type FilesRules = Pick<CopyRules, 'cwd' | 'dockerIgnore' | 'output'>

/**
 * git's rules for a source: below the working directory those that count in it, elsewhere those of the git
 * repository that the source is in.
 */
async function gitFor(cwd: string, path: string): Promise<GitIgnored> {
  const isInside = pathBelow(cwd, path) !== undefined
  return new GitIgnored(isInside ? cwd : ((await gitTop(path)) ?? cwd))
}

/** The rules for a source. */
async function rulesFor(source: Source, rules: FilesRules): Promise<CopyRules> {
  const { file, path, stats, glob } = source
  const git = await gitFor(rules.cwd, path)
  const inGit = pathBelow(git.root, path)
  const isFolder = stats?.isDirectory() ?? false
  const named = inGit !== undefined && (await git.has(inGit, isFolder)) ? [path] : []
  return { ...rules, git, named, only: file.only, glob }
}

/**
 * Turns the option `files` into instructions and a build context. Folders and globs keep their tree; links stay
 * links; only the executable bit of the mode is used.
 *
 * `.dockerignore` applies to folders and globs below the working directory, but not to a file that is named
 * directly. What git ignores is copied only if it is meant: the source, or a glob's part before the pattern, is or
 * lies in an ignored path; or an exception of `.dockerignore` brings it back. Version control is never copied.
 *
 * @throws FlowstoreError INVALID_OPTION for a source in version control, FILE_NOT_FOUND for a glob that matches
 * nothing, FILE_DESTINATION for a name that no layer can hold, FILE_UNREADABLE, FILE_CHANGED
 */
export async function copiedFiles(
  files: readonly ImageFile[],
  rules: FilesRules
): Promise<CopiedFiles> {
  const { cwd } = rules
  const copies: FileCopy[] = []
  const trees: CopiedTree[] = []
  for (const [index, file] of files.entries()) {
    const source = await sourceOf(cwd, file, index)
    if (liesInVersionControl(cwd, source.path)) {
      throw versionControlNamed(`${file.source}:${file.destination}`)
    }
    const tree = await copiedSource(source, await rulesFor(source, rules))
    for (const { path } of tree.entries) {
      checkLayerPath(posix.join(file.destination, path.slice(`files/${index}`.length)))
    }
    trees.push(tree)
    copies.push(copyOf(source))
  }
  return {
    instructions: copies.map(instructionOf),
    copies,
    context: trees.flatMap(tree => tree.entries),
    leftOut: leftOutOf(cwd, trees)
  }
}
