import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { getExecOutput } from '@actions/exec'
import type { FlowstoreError } from '../errors.js'
import { pipUpgrade } from '../prefect/rules.js'
import type { Log } from '../util/log.js'
import { installerEnvironment } from './environment-variables.js'
import type { PipRun } from './pip.js'

/** A virtual environment that is kept: complete, or not there. */
export interface VirtualEnvironment {
  /** Its folder. */
  readonly folder: string
  /** The interpreter that it is made from, and that one's version. */
  readonly base: { readonly path: string; readonly version: string }
  /** What is installed into it, one pip after the other. */
  readonly runs: readonly PipRun[]
  /** The folder that paths in requirements are relative to. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The lines of pip's output that say why it failed. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  const errors = all.filter(line => /^\s*(ERROR|error):?/.test(line))
  return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n')
}

const WINDOWS = process.platform === 'win32'
const COMPLETE = '.complete'

/** A program of a virtual environment. */
export const programOf = (folder: string, name: string): string =>
  join(folder, ...(WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]))

/** Whether a kept environment is there and complete. */
export const isKept = (folder: string): boolean => existsSync(join(folder, COMPLETE))

/** Milliseconds without a sign of life after which a lock counts as that of a dead process. */
const STALE = 10_000

/**
 * Holds what makes a folder until the end of some work: an environment can't be made elsewhere and
 * moved, for its programs hold its path.
 */
async function withLock<T>(folder: string, work: () => Promise<T>, log: Log): Promise<T> {
  // Not before it is needed: it listens to signals, to take its locks away.
  const { default: lockfile } = await import('proper-lockfile')
  const options = {
    realpath: false,
    stale: STALE,
    // The folder of the lock was taken away: nothing that a work half done could do about it.
    onCompromised: (error: Error) => {
      log.debug(String(error))
    }
  }
  const release = await lockfile.lock(folder, options).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    log.info(`Another process makes ${folder}: waiting for it`)
    return lockfile.lock(folder, {
      ...options,
      retries: { forever: true, factor: 1, minTimeout: 500 }
    })
  })
  try {
    return await work()
  } finally {
    await release().catch(() => undefined)
  }
}

/**
 * Makes a virtual environment, where it isn't kept already. Of several processes that want the same
 * one, one makes it and the others wait.
 *
 * @param failure the error for what pip says
 * @throws FlowstoreError as `failure` gives it; then nothing is kept
 */
export async function keepVirtualEnvironment(
  environment: VirtualEnvironment,
  failure: (reason: string) => FlowstoreError,
  log: Log
): Promise<void> {
  const { folder } = environment
  if (isKept(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  await withLock(
    folder,
    async () => {
      if (!isKept(folder)) await makeVirtualEnvironment(environment, failure, log)
    },
    log
  )
}

async function makeVirtualEnvironment(
  { folder, base, runs, cwd, env }: VirtualEnvironment,
  failure: (reason: string) => FlowstoreError,
  log: Log
): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await getExecOutput(`"${command}"`, [...args], {
      silent: true,
      ignoreReturnCode: true,
      cwd,
      env: installerEnvironment(env)
    })
    log.debug(stdout)
    if (exitCode !== 0) throw failure(pipReason(stdout + stderr))
  }
  const python = programOf(folder, 'python')
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input']
  const files = await mkdtemp(join(tmpdir(), 'flowstore-'))
  try {
    await run(base.path, ['-m', 'venv', folder])
    // The pip of a new environment is the one that its interpreter brings.
    const upgrade = pipUpgrade(base.version, '18.1')
    if (upgrade !== undefined) await run(python, [...pip, upgrade])
    for (const { args, file, texts } of runs) {
      for (const [name, text] of texts) await writeFile(join(files, name), text)
      await run(python, [...pip, ...args, '-r', join(files, file)])
    }
    await writeFile(join(folder, COMPLETE), '')
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    await rm(files, { recursive: true, force: true })
  }
}
