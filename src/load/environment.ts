import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getExecOutput } from '@actions/exec'
import { FlowstoreError } from '../errors.js'
import {
  isRelease,
  pinnedPrefect,
  pipUpgrade,
  prefectRequirements,
  rulesFor
} from '../prefect/rules.js'
import { sourcesHash, type Sources } from '../discover/sources.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../util/log.js'
import { installerEnvironment } from './environment-variables.js'
import { findPython } from './find-python.js'
import { interpreterPython } from './interpreter.js'
import { requirementLines, type Requirements } from './requirements.js'

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

/** The lines of pip's output that say why it failed. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  const errors = all.filter(line => /^\s*(ERROR|error):?/.test(line))
  return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n')
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
  const install = [...prefectRequirements(prefect), ...requirements.lines]
  const key = sha256Json([
    found.path,
    versions.python,
    install,
    [...requirements.texts],
    requirements.local.length > 0 ? [cwd, await sourcesHash(sources)] : null
  ]).slice(0, 20)
  const folder = join(options.cache, `python-${key}`)
  const python = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'])
  )
  const complete = join(folder, '.complete')
  if (existsSync(complete)) {
    log.info(`Python ${versions.python} with Prefect ${prefect}: kept environment ${key}`)
    return python
  }

  log.info(
    `Installing ${install.join(' ')}${requirements.file === undefined ? '' : ` and ${requirements.file}`}`
  )
  await rm(folder, { recursive: true, force: true })
  await mkdir(options.cache, { recursive: true })
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await getExecOutput(`"${command}"`, [...args], {
      silent: true,
      ignoreReturnCode: true,
      cwd,
      env: installerEnvironment(env)
    })
    log.debug(stdout)
    if (exitCode !== 0) {
      throw new FlowstoreError(
        'DEPENDENCY_INSTALL',
        `the flows' dependencies can't be installed for Python ${versions.python}`,
        { detail: pipReason(stdout + stderr), file: requirements.file }
      )
    }
  }
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input']
  try {
    await run(found.path, ['-m', 'venv', folder])
    // The pip of a new environment is the one that its interpreter brings.
    const upgrade = pipUpgrade(versions.python, '18.1')
    if (upgrade !== undefined) await run(python, [...pip, upgrade])
    await run(python, [
      ...pip,
      ...install,
      ...(requirements.file === undefined ? [] : ['-r', requirements.file])
    ])
    await writeFile(complete, '')
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return python
}
