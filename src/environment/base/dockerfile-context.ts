import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BuildKwargs } from '../../docker/build-kwargs.js'
import { FlowstoreError } from '../../errors.js'
import { liesInVersionControl } from '../../sources/fixed-names.js'
import type { DockerIgnore } from '../../sources/docker-ignore.js'
import { GitIgnored } from '../../sources/ignore.js'
import { readingFile, statIfThere } from '../../util/files.js'
import type { TarEntry } from '../../util/tar.js'
import { copiedTree, fileEntry, type CopiedTree } from '../plan/copied-tree.js'
import { decisionFor, startAt, type CopyRules } from '../plan/copy-rules.js'
import type { DockerfileInputs } from './dockerfile-inputs.js'

/** A user's Dockerfile, whose image is the base image. */
export interface UserDockerfile {
  /** Path relative to `cwd`. */
  readonly path: string
  /** The build context. */
  readonly cwd: string
  /** The rules of `.dockerignore`, or of the file that replaces it. */
  readonly dockerIgnore: DockerIgnore
  /** Whether what it names is copied even if git ignores it. A module, which is untrusted, can't name that. */
  readonly namesIgnored: boolean
  /** The output directory, relative to `cwd`, if it is below it; not in the context unless it is named. */
  readonly output?: string | undefined
  readonly buildKwargs: BuildKwargs
}

/** The build context of a user's Dockerfile, or a part of it. */
export interface DockerfileContext {
  readonly context: readonly TarEntry[]
  /** What the Dockerfile would copy and git ignores: the topmost paths, sorted; those of folders end in a slash. */
  readonly leftOut: readonly string[]
}

/**
 * The text of a user's Dockerfile.
 *
 * @throws FlowstoreError FILE_UNREADABLE, or FILE_CHANGED for one that has disappeared
 */
export const dockerfileText = ({
  path,
  cwd
}: Pick<UserDockerfile, 'path' | 'cwd'>): Promise<string> =>
  readingFile(path, readFile(resolve(cwd, path), 'utf8'))

/**
 * The build context of a user's Dockerfile: the working directory without version control, without what
 * `.dockerignore` leaves out, and without what git ignores. What the Dockerfile names is meant, even if git
 * ignores it, unless a module chose the Dockerfile; so is what an exception of `.dockerignore` brings back.
 *
 * @param parts paths in the context to read; default all of it. A part has the same files as the whole has there
 * @throws FlowstoreError FILE_NOT_FOUND for a part that does not exist, FILE_UNREADABLE, FILE_CHANGED
 */
export async function dockerfileContext(
  { cwd, dockerIgnore, namesIgnored, output }: UserDockerfile,
  { sources, isComplete }: DockerfileInputs,
  parts: readonly string[] = ['.']
): Promise<DockerfileContext> {
  const git = new GitIgnored(cwd)
  const rules = {
    cwd,
    dockerIgnore,
    git,
    named: namesIgnored ? await ignoredOf(cwd, sources, git) : [],
    output: sources.some(source => isIn(source, output)) ? undefined : output
  }
  const trees: CopiedTree[] = []
  for (const part of parts) trees.push(await partOf(rules, part === '.' ? '' : part))
  const isCopied = (path: string) =>
    !isComplete || sources.some(source => source === '.' || mayHold(source, path))
  return {
    context: trees.flatMap(({ entries }) => entries),
    leftOut: [...new Set(trees.flatMap(({ leftOut }) => leftOut))].filter(isCopied).sort()
  }
}

/** Whether a path is a file or folder, or lies in it. */
const isIn = (path: string, folder: string | undefined): boolean =>
  folder !== undefined && (path === folder || path.startsWith(`${folder}/`))

/** Whether a source is, lies in or holds what is left out. */
const mayHold = (source: string, leftOut: string): boolean =>
  isIn(leftOut, source) || isIn(source, leftOut.replace(/\/$/, ''))

/** The sources that git ignores, as absolute paths. */
async function ignoredOf(
  cwd: string,
  sources: readonly string[],
  git: GitIgnored
): Promise<readonly string[]> {
  const ignored: string[] = []
  for (const source of sources) {
    const stats = source === '.' ? undefined : await statIfThere(join(cwd, source))
    if (stats && (await git.has(source, stats.isDirectory()))) ignored.push(join(cwd, source))
  }
  return ignored
}

/** A file of the context, or a folder with its content. */
async function partOf(rules: CopyRules, part: string): Promise<CopiedTree> {
  const path = join(rules.cwd, part)
  const stats = await statIfThere(path)
  if (stats === undefined || liesInVersionControl(rules.cwd, path)) {
    throw new FlowstoreError('FILE_NOT_FOUND', `the build context has no '${part}'`)
  }
  if (stats.isDirectory()) return copiedTree(rules, path, part)
  const isCopied = decisionFor(rules, await startAt(rules, path, part, false)) === 'copied'
  return { entries: isCopied ? [fileEntry(path, part, stats)] : [], leftOut: [] }
}
