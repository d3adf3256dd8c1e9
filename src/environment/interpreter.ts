import { resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { knownPythons, prefectRequirements } from '../prefect/install.js'
import { requestedPrefect, resolvePrefect } from '../prefect/resolve.js'
import { sourcesHash } from '../sources/hash.js'
import type { Sources } from '../sources/sources.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../log.js'
import { minorOf } from '../util/version.js'
import { findPython } from '../python/find.js'
import { interpreterPython } from '../python/interpreter.js'
import { pipRuns } from '../packages/pip.js'
import {
  allLines,
  exactRequirements,
  prefectPin,
  requirementLines,
  requirementsName,
  type Requirements
} from '../packages/requirements.js'
import { machineUv } from '../packages/machine-uv.js'
import type { Installer } from '../packages/uv.js'
import {
  cacheFolder,
  ensureVirtualEnvironment,
  isComplete,
  programOf
} from '../packages/virtual-environment.js'

/** The environment that flows need. */
export interface EnvironmentOptions {
  readonly python?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** The repository, for requirements that are paths in it. */
  readonly sources: Sources
  readonly cwd: string
  /** The machine's variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of the cached environments. */
  readonly cache: string
  /** The installer; default `auto`. */
  readonly installer?: Installer | undefined
  /** An environment image: the interpreter gets exactly its packages. */
  readonly exact?: {
    readonly key: string
    /** `major.minor`. */
    readonly python: string
    /** Normalized name to version. */
    readonly packages: Readonly<Record<string, string>>
  }
}

/** The cached interpreter for an environment image, if there is one. */
export function keptPython(cache: string, key: string): string | undefined {
  const folder = cacheFolder(cache, 'python', key)
  return isComplete(folder) ? programOf(folder, 'python') : undefined
}

/**
 * An interpreter with Prefect and the flows' dependencies: the one found on this machine if it has them, else
 * a virtual environment of it, cached under the hash of its inputs.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT
 */
export async function loadingPython(options: EnvironmentOptions, log: Log): Promise<string> {
  const { cwd, env, cache, sources, exact, installer = 'auto' } = options
  const exactly = exact && exactRequirements(options.requirements, exact.packages)
  const requirements = exactly ?? options.requirements
  const lines = requirementLines(requirements)
  const request = { option: options.prefectVersion, pin: prefectPin(allLines(requirements)) }
  const wanted = requestedPrefect(request)?.version
  const suitable = wanted === undefined ? undefined : knownPythons(wanted)
  const found = await findPython(options.python, suitable, env, cwd)
  const { versions } = await interpreterPython({
    python: found.path,
    sources,
    env,
    envVars: {}
  }).probe()
  if (exact && minorOf(versions.python) !== exact.python) {
    throw new FlowstoreError(
      'VERSION_MISMATCH',
      `the runner and the image differ: Python ${minorOf(versions.python)} and ${exact.python}`,
      {
        hint: 'Load the flows in the image (load-in: image), or set python to an interpreter that matches the image.'
      }
    )
  }
  const needsNothing = lines.every(line => line.trim() === '')
  if (
    versions.prefect !== null &&
    needsNothing &&
    (wanted ?? versions.prefect) === versions.prefect
  ) {
    log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`)
    return found.path
  }
  const { version: prefect } = resolvePrefect(request, {
    kind: 'interpreter',
    path: found.path,
    prefect: versions.prefect
  })
  const wantedLines = exactly ? [] : prefectRequirements(prefect)
  const runs = pipRuns(requirements, { prefect, lines: wantedLines, present: false }, file =>
    resolve(cwd, file).replaceAll(sep, '/')
  ).map(run => (exactly ? { ...run, args: [...run.args, '--no-deps'] } : run))
  const ownKey = sha256Json([
    found.path,
    versions.python,
    installer,
    runs.map(({ args, texts }) => [args, [...texts]]),
    [...requirements.texts],
    requirements.local.length > 0 ? [cwd, await sourcesHash(sources)] : null
  ]).slice(0, 20)
  const key = exact?.key ?? ownKey
  const folder = cacheFolder(options.cache, 'python', key)
  const python = programOf(folder, 'python')
  if (isComplete(folder)) {
    log.info(`Python ${versions.python} with Prefect ${prefect}: cached environment ${key}`)
    return python
  }

  const name = requirementsName(requirements)
  log.info(
    exactly
      ? `Installing the ${requirements.lines.length} packages of the environment image`
      : `Installing ${[...wantedLines, ...requirements.lines].join(' ')}${name === undefined ? '' : ` and ${name}`}`
  )
  const base = { path: found.path, version: versions.python }
  const uv = await machineUv(installer, base, requirements, cwd, { env, cache, log })
  if (uv) log.info(`uv installs them: ${uv.program}`)
  await ensureVirtualEnvironment(
    { folder, base, runs, cwd, env, uv },
    detail =>
      new FlowstoreError(
        'DEPENDENCY_INSTALL',
        `the flows' dependencies can't be installed for Python ${versions.python}`,
        { detail, file: name }
      ),
    log
  )
  return python
}
