import { join, posix } from 'node:path'
import { projectFolder } from '../prefect/entrypoint-flows.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { rootBelowTop } from '../sources/sources.js'
import { localFolder, projectName, type BuildInputs } from './inputs.js'
import type { Surroundings } from './services.js'

/**
 * The folder that flows with entrypoints run in: where the working directory lies among the stored sources, in the image
 * or on this machine.
 */
export function runFolder(
  { options, sources }: Pick<BuildInputs, 'options' | 'sources'>,
  surroundings: Surroundings
): string {
  const below = rootBelowTop(sources)
  return STORAGE_KINDS[options.storage].flowsIn === 'image'
    ? posix.join(projectFolder(projectName(options, surroundings)), below)
    : join(localFolder(options, surroundings.cwd), below)
}
