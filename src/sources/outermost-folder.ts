import { realpath } from 'node:fs/promises'
import { FlowstoreError, type ErrorDetails } from '../errors.js'
import { ifThere } from '../util/files.js'
import { pathBelow } from '../util/relative-path.js'
import { gitTop } from './git-folder.js'

/**
 * The outermost folder that paths of options may lead to with `..`: the top of the git repository, else the folder
 * itself.
 *
 * @param folder absolute
 * @throws FlowstoreError FILE_UNREADABLE
 */
export const outermostFolder = async (folder: string): Promise<string> =>
  (await gitTop(folder)) ?? folder

/**
 * Refuses a path outside the git repository, or without git outside the working directory.
 *
 * @param cwd the working directory
 * @param path absolute
 * @param what the path as the user knows it, such as `the folder '../libs' in python-path`
 * @param details the file and line that name it
 * @throws FlowstoreError INVALID_OPTION
 */
export async function requireInside(
  cwd: string,
  path: string,
  what: string,
  details: Pick<ErrorDetails, 'file' | 'line'> = {}
): Promise<void> {
  if (pathBelow(cwd, path) !== undefined) return
  const outermost = await outermostFolder(cwd)
  const isInside = pathBelow(outermost, path) !== undefined
  // A link there may lead anywhere.
  const real = await ifThere(realpath(path))
  if (isInside && (real === undefined || pathBelow(await realpath(outermost), real) !== undefined))
    return
  const isGit = outermost !== cwd
  const limit = isGit ? `git repository ${outermost}` : `working directory ${cwd}`
  throw new FlowstoreError('INVALID_OPTION', `${what} lies outside the ${limit}`, {
    ...details,
    hint: isGit
      ? 'Only files of the repository are used: copy it there in a step before this one.'
      : 'Without a git repository, only files of the working directory are used: run flowstore in a folder above both.'
  })
}
