import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { getExecOutput } from '@actions/exec'
import { FlowstoreError } from '../errors.js'
import { isRelease, pinnedPrefect, prefectRequirements, rulesFor } from '../prefect/rules.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../util/log.js'
import { installerEnvironment } from './environment-variables.js'
import { findPython } from './find-python.js'
import { interpreterPython } from './interpreter.js'

/** What flows need of their environment. */
export interface EnvironmentOptions {
  readonly python?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly pythonDependencies: readonly string[]
  /** Path relative to `cwd`. */
  readonly requirementsFile?: string | undefined
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
  const { cwd, env, pythonDependencies } = options
  const fileText =
    options.requirementsFile === undefined
      ? ''
      : await readFile(resolve(cwd, options.requirementsFile), 'utf8')
  const wanted =
    options.prefectVersion ?? pinnedPrefect([...pythonDependencies, ...fileText.split(/\r?\n/)])
  const suitable = wanted !== undefined && isRelease(wanted) ? rulesFor(wanted).pythons : undefined
  const found = await findPython(options.python, suitable, env, cwd)
  const sources = { root: cwd, files: [], size: 0 }
  const { versions } = await interpreterPython({
    python: found.path,
    sources,
    env,
    envVars: {}
  }).probe()
  const needsNothing = pythonDependencies.length === 0 && fileText === ''
  if (
    versions.prefect !== null &&
    needsNothing &&
    (wanted ?? versions.prefect) === versions.prefect
  ) {
    log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`)
    return found.path
  }
  const prefect = options.prefectVersion ?? versions.prefect ?? wanted
  if (prefect === undefined) {
    throw new FlowstoreError(
      'PREFECT_NOT_FOUND',
      `${found.path} has no Prefect, and no version is asked for`,
      {
        hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
      }
    )
  }
  const requirements = [...prefectRequirements(prefect), ...pythonDependencies]
  const key = sha256Json([found.path, versions.python, requirements, fileText]).slice(0, 20)
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
    `Installing ${requirements.join(' ')}${fileText ? ` and ${options.requirementsFile}` : ''}`
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
        { detail: pipReason(stdout + stderr), file: options.requirementsFile }
      )
    }
  }
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input']
  try {
    await run(found.path, ['-m', 'venv', folder])
    // The pip that Python 3.6 and 3.7 bring (18.1) picks releases that they can't run.
    if (/^3\.[67]\./.test(versions.python)) await run(python, [...install, 'pip==21.3.1'])
    await run(python, [
      ...install,
      ...requirements,
      ...(options.requirementsFile === undefined ? [] : ['-r', options.requirementsFile])
    ])
    await writeFile(complete, '')
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return python
}
