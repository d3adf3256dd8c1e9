import { resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { knownPythons, prefectRequirements } from '../prefect/install.js'
import type { PickledFlowLine } from '../prefect/pickled-flow-line.js'
import { requestedPrefect, resolvePrefect } from '../prefect/resolve.js'
import { sourcesHash } from '../sources/sources-hash.js'
import type { Sources } from '../sources/sources.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../log.js'
import { minorOf } from '../util/minor.js'
import { checkPins } from '../packages/check-pins.js'
import { checkVariables } from '../packages/variables.js'
import { installerEnvironment } from '../python/module-environment.js'
import { findPython, isPythonVersion } from '../python/find-python.js'
import { checkPython, isSuitable } from './suitable-python.js'
import { interpreterPython } from '../python/interpreter.js'
import type { ProbeResult } from '../python/protocol/protocol.js'
import { pipHint } from '../packages/installer-output.js'
import type { IndexAddresses } from '../packages/indexes.js'
import { pipRuns, type PipRun } from '../packages/pip.js'
import {
  exactRequirements,
  overruledText,
  prefectLines,
  prefectRequest,
  requirementLines,
  requirementsName,
  type Requirements
} from '../packages/requirements.js'
import { machineUv } from '../packages/machine/machine-uv.js'
import type { Installer } from '../packages/uv.js'
import {
  cacheFolder,
  ensureVirtualEnvironment,
  isComplete,
  programOf
} from '../packages/machine/virtual-environment.js'

/** What the interpreter that loads flows has to have, and where to find or make it. */
export interface LoadingPythonOptions {
  readonly python?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** Shows that the flows are of Prefect 0.5 to 1.4. */
  readonly pickledFlow?: PickledFlowLine | undefined
  /** What requirements that are paths in the repository are built from. */
  readonly sources: Sources
  readonly cwd: string
  /** The machine's variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of the cached environments. */
  readonly cache: string
  /** The installer; default `auto`. */
  readonly installer?: Installer | undefined
  /** Where packages come from: `env` tells pip and uv the same. Default what those are configured with. */
  readonly indexes?: IndexAddresses | undefined
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
export function cachedPython(cache: string, key: string): string | undefined {
  const folder = cacheFolder(cache, 'python', key)
  return isComplete(folder) ? programOf(folder, 'python') : undefined
}

/** The interpreter that environments are made from. */
interface ProbedPython {
  readonly path: string
  readonly versions: ProbeResult['versions']
}

/** What to install in a virtual environment. */
interface InstallPlan {
  /** Identifies the virtual environment by its inputs. */
  readonly key: string
  readonly requirements: Requirements
  readonly runs: readonly PipRun[]
  /** What is installed, in words for the log. */
  readonly description: string
}

/**
 * Finds an interpreter with Prefect and the flows' dependencies. If the one found lacks something, a virtual
 * environment is created from it and cached under the hash of its inputs.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT,
 * VERSION_MISMATCH
 */
export async function loadingPython(options: LoadingPythonOptions, log: Log): Promise<string> {
  const { exact } = options
  const exactly = exact && exactRequirements(options.requirements, exact.packages)
  const requirements = exactly ?? options.requirements
  const request = prefectRequest(options.prefectVersion, requirements, options.pickledFlow)
  const requested = requestedPrefect(request, options.python)?.version
  const found = await foundPython(options, requested)
  if (exact) checkMinor(found, exact.python)
  if (hasAll(found, requirements, requested)) {
    const { python, prefect } = found.versions
    log.info(`Python ${python} with Prefect ${prefect ?? ''}: ${found.path}`)
    return found.path
  }
  const { version: prefect } = resolvePrefect(request, {
    kind: 'interpreter',
    path: found.path,
    prefect: found.versions.prefect,
    python: found.versions.python
  })
  const { path, versions } = found
  checkPython(versions.python, `${path} is Python ${versions.python}`, 'PYTHON_NOT_FOUND', {
    prefect: versions.prefect === prefect ? undefined : prefect,
    requirements: options.requirements
  })
  const plan = exactly
    ? exactPlan(options, exactly, prefect, exact.key)
    : await installPlan(options, requirements, prefect, found, log)
  return virtualEnvironmentPython(options, found, plan, prefect, log)
}

async function foundPython(
  { python, sources, env, cwd, requirements }: LoadingPythonOptions,
  prefect: string | undefined
): Promise<ProbedPython> {
  const use = { prefect, requirements }
  if (python !== undefined && isPythonVersion(python)) {
    checkPython(python, `the option 'python' is ${python}`, 'PYTHON_NOT_FOUND', use)
  }
  const known = prefect === undefined ? undefined : knownPythons(prefect)
  const suiting = known?.filter(one => isSuitable(one, use))
  // Without one, the search finds a Python to name.
  const suitable = suiting?.length === 0 ? known : suiting
  const { path } = await findPython(python, suitable, env, cwd)
  const { versions } = await interpreterPython({ python: path, sources, env, envVars: {} }).probe()
  return { path, versions }
}

/** The error VERSION_MISMATCH for an interpreter that can't load an image's flows. */
export const runnerMismatch = (differences: string): FlowstoreError =>
  new FlowstoreError('VERSION_MISMATCH', `the runner and the image differ: ${differences}`, {
    hint: 'Load the flows in the image (load-in: image), set `python` to an interpreter that matches the image, or pin these versions in the requirements.'
  })

/** @throws FlowstoreError VERSION_MISMATCH for another `major.minor` than the image's */
function checkMinor({ versions }: ProbedPython, expected: string): void {
  const minor = minorOf(versions.python)
  if (minor === expected) return
  throw runnerMismatch(`Python ${minor} and ${expected}`)
}

/** Whether an interpreter has the requested Prefect, and nothing else is required. */
function hasAll(
  { versions }: ProbedPython,
  requirements: Requirements,
  prefect: string | undefined
): boolean {
  const needsNothing = requirementLines(requirements).every(line => line.trim() === '')
  return (
    needsNothing && versions.prefect !== null && (prefect ?? versions.prefect) === versions.prefect
  )
}

const absolute =
  (cwd: string) =>
  (file: string): string =>
    resolve(cwd, file).replaceAll(sep, '/')

/** Installs exactly the packages of an environment image. */
function exactPlan(
  { cwd }: LoadingPythonOptions,
  requirements: Requirements,
  prefect: string,
  key: string
): InstallPlan {
  const runs = pipRuns(requirements, { prefect, lines: [], present: false }, absolute(cwd))
  return {
    key,
    requirements,
    runs: runs.map(run => ({ ...run, args: [...run.args, '--no-deps'] })),
    description: `the ${requirements.lines.length} packages of the environment image`
  }
}

/** Installs Prefect and the requirements in one resolution. */
async function installPlan(
  { cwd, sources, exact, installer = 'auto', indexes }: LoadingPythonOptions,
  requirements: Requirements,
  prefect: string,
  found: ProbedPython,
  log: Log
): Promise<InstallPlan> {
  const { lines, overruled } = prefectLines(requirements, prefectRequirements(prefect))
  checkPins(requirements, lines)
  const text = overruledText(overruled, prefect, requirements)
  if (text !== undefined) log.info(text)
  const runs = pipRuns(requirements, { prefect, lines, present: false }, absolute(cwd))
  const key = sha256Json([
    found.path,
    found.versions.python,
    installer,
    runs.map(({ args, texts }) => [args, [...texts]]),
    // Not their paths: they are relative to the working directory.
    [...requirements.texts.values()],
    requirements.local.length > 0 ? [cwd, await sourcesHash(sources)] : null,
    ...(indexes === undefined ? [] : [indexes])
  ])
  const file = requirementsName(requirements)
  const named = [...lines, ...requirements.lines].join(' ')
  const parts = [named, file].filter(Boolean)
  return {
    key: exact?.key ?? key.slice(0, 20),
    requirements,
    runs,
    description: parts.join(' and ')
  }
}

/** The interpreter of a plan's virtual environment, which is created if it is not cached. */
async function virtualEnvironmentPython(
  { cwd, env, cache, installer = 'auto' }: LoadingPythonOptions,
  { path, versions: { python: version } }: ProbedPython,
  { key, requirements, runs, description }: InstallPlan,
  prefect: string,
  log: Log
): Promise<string> {
  const folder = cacheFolder(cache, 'python', key)
  const python = programOf(folder, 'python')
  if (isComplete(folder)) {
    log.info(`Python ${version} with Prefect ${prefect}: cached environment ${key}`)
    return python
  }
  checkVariables(requirements, { kind: 'runner', variables: installerEnvironment(env) })
  log.info(`Installing ${description}`)
  const base = { path, version }
  const uv = await machineUv(installer, base, requirements, cwd, { env, cache, log })
  if (uv) log.info(`uv installs them: ${uv.program}`)
  const failure = (detail: string): FlowstoreError =>
    new FlowstoreError(
      'DEPENDENCY_INSTALL',
      `the flows' dependencies can't be installed for Python ${version}`,
      { detail, file: requirementsName(requirements), hint: pipHint(detail) }
    )
  await ensureVirtualEnvironment({ folder, base, runs, cwd, env, uv }, failure, log)
  return python
}
