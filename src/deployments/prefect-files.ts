import { normalize, resolve } from 'node:path'
import { FlowstoreError, throwAll } from '../errors.js'
import { PREFECT_FILE } from '../sources/default-left-out.js'
import { textIfThere } from '../util/files.js'
import { readYaml, type YamlNode } from './yaml.js'

/** A `prefect.yaml` of the repository. */
export interface PrefectFile {
  /** As the user names it, relative to the working directory. */
  readonly path: string
  readonly root: YamlNode
}

/**
 * Reads the files with deployments.
 *
 * @param paths relative to the working directory; none means `prefect.yaml`, if there is one
 * @throws FlowstoreErrors FILE_NOT_FOUND, FILE_UNREADABLE or PREFECT_FILE, for all files together
 */
export async function readPrefectFiles(
  cwd: string,
  paths: readonly string[]
): Promise<readonly PrefectFile[]> {
  const files: PrefectFile[] = []
  const errors: FlowstoreError[] = []
  for (const path of paths.length === 0
    ? [PREFECT_FILE]
    : [...new Set(paths.map(path => normalize(path)))]) {
    try {
      const text = await textIfThere(resolve(cwd, path))
      if (text !== undefined) files.push({ path, root: readYaml(text, path) })
      else if (paths.length > 0) {
        throw new FlowstoreError('FILE_NOT_FOUND', `'${path}' in prefect-file does not exist`, {
          hint: 'Paths are relative to the working directory.'
        })
      }
    } catch (error) {
      if (!(error instanceof FlowstoreError)) throw error
      errors.push(error)
    }
  }
  throwAll(errors)
  return files
}
