import { join, resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { isRelease, pinnedPrefect, prefectRequirements, rulesFor } from '../prefect/rules.js'
import { sourcesHash, type Sources } from '../discover/sources.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../util/log.js'
import { findPython } from './find-python.js'
import { interpreterPython } from './interpreter.js'
import { pipRuns } from './pip.js'
import { requirementLines, requirementsName, type Requirements } from './requirements.js'
import { isKept, keepVirtualEnvironment, programOf } from './virtual-environment.js'

/** What flows need of their environment. */
export interface EnvironmentOptions {
  readonly python?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** The repository, for requirements that are paths in it. */
  readonly sources: Sources
  readonly cwd: string
  /** The machine's variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that environments are kept in, by their key. */
  readonly cache: string
}

/**
 * An interpreter with Prefect and the flows' dependencies: the one found, where it has what is asked
 * for, else a virtual environment made from it and kept in the cache under the hash of what went in.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT
 */
export async function loadingPython(options: EnvironmentOptions, log: Log): Promise<string> {
  const { cwd, env, requirements, sources } = options
  const lines = requirementLines(requirements)
  const pinned = pinnedPrefect(lines)
  const wanted = options.prefectVersion ?? pinned
  const suitable = wanted !== undefined && isRelease(wanted) ? rulesFor(wanted).pythons : undefined
  const found = await findPython(options.python, suitable, env, cwd)
  const { versions } = await interpreterPython({
    python: found.path,
    sources,
    env,
    envVars: {}
  }).probe()
  const needsNothing = lines.every(line => line.trim() === '')
  if (
    versions.prefect !== null &&
    needsNothing &&
    (wanted ?? versions.prefect) === versions.prefect
  ) {
    log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`)
    return found.path
  }
  const prefect = wanted ?? versions.prefect
  if (prefect === null) {
    throw new FlowstoreError(
      'PREFECT_NOT_FOUND',
      `${found.path} has no Prefect, and no version is asked for`,
      {
        hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
      }
    )
  }
  const runs = pipRuns(
    requirements,
    { prefect, lines: prefectRequirements(prefect), present: false },
    file => resolve(cwd, file).replaceAll(sep, '/')
  )
  const key = sha256Json([
    found.path,
    versions.python,
    runs.map(({ args, texts }) => [args, [...texts]]),
    [...requirements.texts],
    requirements.local.length > 0 ? [cwd, await sourcesHash(sources)] : null
  ]).slice(0, 20)
  const folder = join(options.cache, `python-${key}`)
  const python = programOf(folder, 'python')
  if (isKept(folder)) {
    log.info(`Python ${versions.python} with Prefect ${prefect}: kept environment ${key}`)
    return python
  }

  const name = requirementsName(requirements)
  log.info(
    `Installing ${[...prefectRequirements(prefect), ...requirements.lines].join(' ')}${name === undefined ? '' : ` and ${name}`}`
  )
  await keepVirtualEnvironment(
    { folder, base: { path: found.path, version: versions.python }, runs, cwd, env },
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
