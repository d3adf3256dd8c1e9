import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pickledFlowLine } from '../prefect/pickled-flow-line.js'
import { PREFECT_FILE } from '../sources/default-left-out.js'
import { moduleTexts, type BuildInputs } from './inputs.js'
import type { Services } from './services.js'

/**
 * Reads the files that `prefect-file` names, or `prefect.yaml`, to find one that can't be read before an environment is
 * made and modules are loaded. A `prefect.yaml` beside flows of Prefect before 2 is not read by anything.
 *
 * @throws FlowstoreErrors FILE_NOT_FOUND, FILE_UNREADABLE or PREFECT_FILE
 */
export async function checkPrefectFiles(
  { options, modules }: BuildInputs,
  { cwd }: Services
): Promise<void> {
  const isNamed = options.prefectFile.length > 0
  if (!isNamed && !existsSync(join(cwd, PREFECT_FILE))) return
  const { readPrefectFiles } = await import('../deployments/index.js')
  try {
    await readPrefectFiles(cwd, options.prefectFile)
  } catch (error) {
    if (isNamed || (await pickledFlowLine(moduleTexts(modules, cwd))) === undefined) throw error
  }
}
