import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this package: one level above `src/`, `dist/` and `lib/` alike. */
export const PACKAGE_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** The cache folder on a user's machine. */
export const userCache = (env: Readonly<Record<string, string | undefined>>): string =>
  resolve(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flowstore')

/** The SBOM of an image in the output directory. */
export const SBOM_FILE = 'sbom.cdx.json'

/** The provenance of an image in the output directory. */
export const PROVENANCE_FILE = 'provenance.json'

/** Every file of a result in the output directory. The report comes last: it names the others. */
export const RESULT_FILES = [
  'storage.json',
  'flows.json',
  'deployments.json',
  'prefect.yaml',
  'Dockerfile',
  SBOM_FILE,
  PROVENANCE_FILE,
  'report.json'
] as const

/** What a failed run writes into the output directory. */
export const FAILURE_FILE = 'failure.json'
