import { join, resolve } from 'node:path'
import { FlowstoreError } from '../../src/errors.js'
import { loadingPython } from '../../src/load/environment.js'
import { readRequirements } from '../../src/load/requirements.js'
import { silentLog } from '../../src/util/log.js'

const REQUIREMENTS = {
  '0.5.4': 'examples/prefect-0.5/requirements.txt',
  '1.4.1': 'examples/prefect-1/requirements.txt'
}

/**
 * An interpreter with the real Prefect and the examples' dependencies for each release, made where
 * there is none yet. A release that no Python here runs is left out with a line that says so, but
 * not on CI: there every one has to be had.
 */
export async function examplePythons(): Promise<ReadonlyMap<string, string>> {
  const pythons = new Map<string, string>()
  for (const [release, requirementsFile] of Object.entries(REQUIREMENTS)) {
    try {
      const python = await loadingPython(
        {
          requirements: await readRequirements(process.cwd(), [], requirementsFile),
          sources: { root: process.cwd(), files: [], size: 0 },
          cwd: process.cwd(),
          env: process.env,
          cache: resolve(
            process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'),
            'flowstore'
          )
        },
        silentLog()
      )
      pythons.set(release, python)
    } catch (error) {
      const absent = error instanceof FlowstoreError && error.code === 'PYTHON_NOT_FOUND'
      if (process.env['CI'] || !absent) throw error
      process.stderr.write(`skipped: Prefect ${release}: ${error.message}\n`)
    }
  }
  return pythons
}
