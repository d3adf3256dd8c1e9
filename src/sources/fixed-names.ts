import { realpathSync } from 'node:fs'
import { relative } from 'node:path'

/** Version control, in lower case. `.git` may also be a file, as in a submodule. */
const VERSION_CONTROL = new Set(['.git', '.hg', '.svn', '.bzr', '.jj', '_darcs'])

/**
 * Whether a file or folder of this name belongs to version control. `.GIT` does too: some file systems don't tell
 * it from `.git`. Only `CVS` has to be in capitals, since `cvs` may be anything.
 */
export const isVersionControl = (name: string): boolean =>
  VERSION_CONTROL.has(name.toLowerCase()) || name === 'CVS'

/** Whether a file or folder of this name is Python's bytecode. */
export const isBytecode = (name: string): boolean => name === '__pycache__' || name.endsWith('.pyc')

/**
 * Whether a file of this name is the login that the action google-github-actions/auth writes into the work tree. Its name is
 * another one in each run.
 */
export const isJobLogin = (name: string): boolean => /^gha-creds-.*\.json$/.test(name)

const hasVersionControl = (path: string): boolean => path.split(/[/\\]/).some(isVersionControl)

/**
 * Whether a path is version control or lies in it, also through a link.
 *
 * @param root the folder to begin at: the names above it don't count
 * @param path absolute
 */
export function liesInVersionControl(root: string, path: string): boolean {
  if (hasVersionControl(relative(root, path))) return true
  try {
    return hasVersionControl(relative(realpathSync.native(root), realpathSync.native(path)))
  } catch {
    // Whoever reads the path reports that it does not exist or can't be read.
    return false
  }
}

/** What a build writes into its output directory. */
export const OUTPUT_FILES: ReadonlySet<string> = new Set([
  'storage.json',
  'flows.json',
  'report.json',
  'deployments.json',
  'prefect.yaml',
  'Dockerfile'
])

/** A file in each folder of sources that a local storage wrote: these are no sources of another build. */
export const STORED_SOURCES = '.flowstore-sources'
