import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { outermostFolder } from '../sources/outermost-folder.js'
import { pathError } from '../util/files.js'
import { pathBelow } from '../util/relative-path.js'
import type { RawOptions } from './read.js'

/**
 * The folder that the paths of all other options are relative to: the option `working-directory`, else the given
 * folder.
 *
 * @param folder the folder that the step or the command runs in, absolute
 * @returns absolute, with links resolved if the option is set
 * @throws FlowstoreError FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_OPTION for a file, or for a folder that is neither
 * below the given one nor in its git repository
 */
export async function workingDirectory(raw: RawOptions, folder: string): Promise<string> {
  const option = raw['working-directory']?.trim() ?? ''
  if (option === '') return folder
  const path = resolve(folder, option)
  const fault = pathError(path, `the working-directory '${option}'`, `Looked in ${folder}.`)
  if (fault !== undefined) throw fault
  const directory = await realpath(path)
  if (!(await stat(directory)).isDirectory()) {
    throw new FlowstoreError('INVALID_OPTION', `the working-directory '${option}' is not a folder`)
  }
  const outermost = await realpath(await outermostFolder(folder))
  if (pathBelow(outermost, directory) !== undefined) return directory
  throw new FlowstoreError(
    'INVALID_OPTION',
    `the working-directory '${option}' lies outside ${outermost}`,
    { hint: 'Name a folder of the repository that is checked out.' }
  )
}
