import { posix, resolve } from 'node:path'
import dockerIgnoreModule from '@balena/dockerignore'
import { textIfThere } from '../util/files.js'

// A CommonJS function, whose types declare an ES default export.
const dockerIgnore = dockerIgnoreModule as unknown as (typeof dockerIgnoreModule)['default']

/** The file that is read if no other is named. */
export const DOCKER_IGNORE = '.dockerignore'

/** Whether a path, relative to the root, is included. */
export type PathFilter = (path: string) => boolean

/**
 * Whether an exception is meant for a path that git ignores.
 *
 * @param path relative to the root
 * @param top the topmost path that git ignores, of the path and the folders above it
 */
type BringsBack = (path: string, top: string) => boolean

/** The rules of a `.dockerignore`, as Docker reads them. */
export interface DockerIgnore {
  /** The file, relative to the root. */
  readonly file: string
  /** Whether a path is included. */
  readonly includes: PathFilter
  /** Whether there are exceptions, `!pattern`: something in a folder that is left out may be included. */
  readonly hasExceptions: boolean
  /** Undefined if exceptions don't count for what git ignores: {@link withoutBringingBack}. */
  readonly bringsBack: BringsBack | undefined
}

/** The rules of a file that does not exist: all paths are included. */
export const noDockerIgnore = (file = DOCKER_IGNORE): DockerIgnore => ({
  file,
  includes: () => true,
  hasExceptions: false,
  bringsBack: () => false
})

/** The same rules, but what git ignores stays ignored whatever the exceptions say. */
export const withoutBringingBack = (rules: DockerIgnore): DockerIgnore => ({
  ...rules,
  bringsBack: undefined
})

/**
 * Reads a `.dockerignore`.
 *
 * @param file the file, relative to the root; if it does not exist, all paths are included
 * @throws FlowstoreError FILE_UNREADABLE
 */
export async function readDockerIgnore(root: string, file = DOCKER_IGNORE): Promise<DockerIgnore> {
  const text = await textIfThere(resolve(root, file))
  if (text === undefined) return noDockerIgnore(file)
  const lines = text.split(/\r?\n/)
  const exceptions = lines.filter(line => /^\s*!/.test(line))
  return {
    file,
    includes: filterOf(lines),
    hasExceptions: exceptions.length > 0,
    bringsBack: exceptions.length > 0 ? bringsBackOf(lines, exceptions) : () => false
  }
}

const filterOf = (lines: readonly string[]): PathFilter =>
  dockerIgnore({ ignorecase: false })
    .add([...lines])
    .createFilter()

/** A name that no pattern has in mind. */
const ANY_NAME = 'x0q7z4-any-name'

/**
 * The last rule that matches a path has to be an exception, and one that is meant for what git ignores. An
 * exception that would match any other names there, as `!flows` does for `flows/.env`, is not.
 */
function bringsBackOf(lines: readonly string[], exceptions: readonly string[]): BringsBack {
  // If all is left out first, only the exceptions include anything.
  const isException = filterOf(['**', ...lines])
  let filters: readonly PathFilter[] | undefined
  return (path, top) => {
    if (!isException(path)) return false
    filters ??= exceptions.map(line => filterOf(['**', line]))
    const inside = posix
      .relative(top, path)
      .split('/')
      .filter(name => name !== '')
    const beside = posix.join(posix.dirname(top), ANY_NAME, ...inside.map(() => ANY_NAME))
    return filters.some(matches => matches(path) && !matches(beside))
  }
}
