import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FlowstoreError, throwAll } from '../errors.js'
import { pathError } from '../util/files.js'
import { pathFrom } from '../util/relative-path.js'
import { liesInVersionControl } from './fixed-names.js'
import { outermostFolder, requireInside } from './outermost-folder.js'

/**
 * Resolves the option `python-path` to folders that modules are imported from.
 *
 * @param cwd the working directory
 * @param folders relative to it or absolute
 * @returns each folder once, in the given order, with links resolved: relative to the working directory, with `/`;
 * `.` for itself
 * @throws FlowstoreErrors with an error for each folder that can't be used: FILE_NOT_FOUND, FILE_UNREADABLE, or
 * INVALID_OPTION for a file, version control, or a folder outside the git repository
 */
export async function importRoots(cwd: string, folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) return []
  const realCwd = await realpath(cwd)
  const roots = new Set<string>()
  const errors: FlowstoreError[] = []
  for (const folder of folders) {
    const root = await importRoot(realCwd, folder)
    if (root instanceof FlowstoreError) errors.push(root)
    else roots.add(root)
  }
  throwAll(errors)
  return [...roots]
}

async function importRoot(cwd: string, folder: string): Promise<string | FlowstoreError> {
  const what = `the folder '${folder}' in python-path`
  const path = resolve(cwd, folder)
  const fault = pathError(path, what, `Looked in ${cwd}.`)
  if (fault !== undefined) return fault
  const real = await realpath(path)
  if (!(await stat(real)).isDirectory()) {
    return new FlowstoreError('INVALID_OPTION', `'${folder}' in python-path is not a folder`)
  }
  try {
    await requireInside(cwd, real, what)
  } catch (error) {
    if (error instanceof FlowstoreError) return error
    throw error
  }
  if (liesInVersionControl(await outermostFolder(cwd), real)) {
    return new FlowstoreError('INVALID_OPTION', `${what} is version control, which is never loaded`)
  }
  return pathFrom(cwd, real) || '.'
}
