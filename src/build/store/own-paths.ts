import { readdir, stat } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import type { LoadedFlows } from '../../flows/load.js'
import { REPOSITORY_FOLDER } from '../../image/flow-layer.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import { isBytecode, isVersionControl } from '../../sources/fixed-names.js'
import { outermostFolder } from '../../sources/outermost-folder.js'
import { levelsUp } from '../../sources/sources.js'
import { pathBelow } from '../../util/relative-path.js'
import type { BuildInputs } from '../inputs.js'

/** A path that a module builds from `__file__`: see the risks `file` and `folder` of a load. */
export type OwnPath = LoadedFlows['risks'][number]

/** The paths that modules build from `__file__`. */
export const ownPaths = (risks: LoadedFlows['risks']): OwnPath[] =>
  risks.filter(({ kind }) => kind === 'file' || kind === 'folder')

/** Where a module lies in the image: gives the image's path for a path of the repository. */
export type Place = (path: string) => string

/** The place of a module in a pickle. */
export const inPicklePlace: Place = path => posix.join(REPOSITORY_FOLDER, path)

/** The place of a module that is imported by a path below an entry of `sys.path`. */
export function helperPlace({ file, path }: LoadedFlows['helpers'][number]): Place {
  const root = file.endsWith(path) ? file.slice(0, -path.length) : ''
  return other => posix.join(MODULES_FOLDER, relativePath(root, other))
}

/** The place of the module of a script storage, at a path of the image. */
export const scriptPlace =
  (module: string, location: string): Place =>
  path =>
    posix.join(posix.dirname(location), relativePath(posix.dirname(module), path))

/** The shortest path from one folder to another path, both relative to the same folder, which they may leave. */
function relativePath(from: string, to: string): string {
  const top = '/up'.repeat(levelsUp([from, to]))
  return posix.relative(posix.join('/', top, from), posix.join('/', top, to))
}

/** Whether a path is a folder that a module lies in. */
export const isAbove = (path: string, module: string): boolean =>
  path === '.' || /(^|\/)\.\.$/.test(path) || module.startsWith(`${path}/`)

/** What tells why a file stays behind. */
export type PathInputs = Pick<BuildInputs, 'sources' | 'leftOut' | 'options'>

/** Whether a file, or a folder that is not empty, is in the repository. Untrusted code chose the path. */
export async function isInRepository(root: string, path: string): Promise<boolean> {
  if (path.split('/').some(name => isVersionControl(name) || isBytecode(name))) return false
  const absolute = resolve(root, path)
  if (pathBelow(await outermostFolder(root), absolute) === undefined) return false
  try {
    return !(await stat(absolute)).isDirectory() || (await readdir(absolute)).length > 0
  } catch {
    return false
  }
}
