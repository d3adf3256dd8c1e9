import { noSources } from '../../src/sources/sources.js'
import { FlowstoreError } from '../../src/errors.js'
import { loadingPython, type LoadingPythonOptions } from '../../src/environment/loading-python.js'
import { readRequirements } from '../../src/packages/read-requirements.js'
import { userCache } from '../../src/paths.js'
import { silentLog } from '../../src/log.js'

const REQUIREMENTS = {
  '0.5.4': 'examples/prefect-0.5/requirements.txt',
  '1.4.1': 'examples/prefect-1/requirements.txt'
}

/** What the examples import beyond Prefect. */
const EXTRA = ['inflection==0.5.1']

/**
 * An interpreter with a real Prefect, in the cache that this machine's runs of flowstore share.
 *
 * @returns undefined if no Python here can run it; on CI that is an error
 */
export async function prefectPython(
  release: string,
  options: Pick<LoadingPythonOptions, 'python' | 'prefectVersion' | 'requirements'>
): Promise<string | undefined> {
  try {
    return await loadingPython(
      {
        ...options,
        sources: noSources(process.cwd()),
        cwd: process.cwd(),
        env: process.env,
        cache: userCache(process.env)
      },
      silentLog()
    )
  } catch (error) {
    const absent = error instanceof FlowstoreError && error.code === 'PYTHON_NOT_FOUND'
    if (process.env['CI'] || !absent) throw error
    process.stderr.write(`skipped: Prefect ${release}: ${error.message}\n`)
    return undefined
  }
}

/**
 * An interpreter with the real Prefect and the examples' dependencies for each release, created on
 * first use. A release that no Python here can run is left out, and a line says so. On CI that is
 * an error.
 */
export async function examplePythons(
  releases: readonly string[] = Object.keys(REQUIREMENTS)
): Promise<ReadonlyMap<string, string>> {
  const pythons = new Map<string, string>()
  for (const release of releases) {
    const file = release in REQUIREMENTS ? REQUIREMENTS[release as '1.4.1'] : undefined
    const python = await prefectPython(release, {
      prefectVersion: file === undefined ? release : undefined,
      requirements: await readRequirements(process.cwd(), file === undefined ? EXTRA : [], file)
    })
    if (python !== undefined) pythons.set(release, python)
  }
  return pythons
}
