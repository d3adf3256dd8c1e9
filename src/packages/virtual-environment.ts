import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { getExecOutput } from '@actions/exec'
import type { FlowstoreError } from '../errors.js'
import { pipUpgrade } from '../prefect/rules.js'
import type { Log } from '../log.js'
import { temporaryFolder } from '../util/temporary.js'
import { installerEnvironment } from '../python/variables.js'
import { pipArguments, type PipRun } from './pip.js'
import { LIKE_PIP, UV_VARIABLES, uvArguments } from './uv.js'

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
  /** The uv that installs; default pip does. */
  readonly uv?: Uv | undefined
}

/** A uv, and how it is used. */
export interface Uv {
  readonly program: string
  /** What the machine's pip knows of the network and uv has to be told; other variables stay. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether it is kept to what pip reads, and pip installs what it can't. */
  readonly orPip: boolean
}

/** The lines of pip's or uv's output that say why it failed. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  let ofUv = false
  const errors = all.filter(line => {
    const begins = /^\s*(ERROR|error):?/.test(line)
    // uv goes on in lines that are indented.
    ofUv = /^(error: |\s*×)/.test(line) || (ofUv && /^\s/.test(line))
    return begins || ofUv
  })
  return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n')
}

const WINDOWS = process.platform === 'win32'

/**
 * Where an environment is kept: laid out as the runner's tool cache is, so that in there the toolkit and
 * what cleans up after it find it. A key is the part of a version that the toolkit takes for no number.
 *
 * @param cache the tool cache, or a folder like it
 */
export const keptFolder = (cache: string, name: string, key: string): string =>
  join(cache, `flowstore-${name}`, `1.0.0-key${key}`, arch())

const completeFile = (folder: string): string => `${folder}.complete`

/** A program of a virtual environment. */
export const programOf = (folder: string, name: string): string =>
  join(folder, ...(WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]))

/** Whether a kept environment is there and complete; not where the Python that it links to has gone. */
export const isKept = (folder: string): boolean =>
  existsSync(programOf(folder, 'python')) && existsSync(completeFile(folder))

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
  { folder, base, runs, cwd, env, uv }: VirtualEnvironment,
  failure: (reason: string) => FlowstoreError,
  log: Log
): Promise<void> {
  const remove = async () => {
    await rm(completeFile(folder), { force: true })
    await rm(folder, { recursive: true, force: true })
  }
  const run = async (
    command: string,
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {}
  ): Promise<void> => {
    const { exitCode, stdout, stderr } = await getExecOutput(`"${command}"`, [...args], {
      silent: true,
      ignoreReturnCode: true,
      cwd,
      env: { ...variables, ...installerEnvironment(env) }
    })
    log.debug(stdout)
    if (exitCode !== 0) throw failure(pipReason(stdout + stderr))
  }
  const python = programOf(folder, 'python')
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input']
  const files = await temporaryFolder()
  const at = (name: string) => join(files.path, name)
  const byPip = async () => {
    // The pip of a new environment is the one that its interpreter brings.
    const upgrade = pipUpgrade(base.version, '18.1')
    if (upgrade !== undefined) await run(python, [...pip, upgrade])
    for (const each of runs) await run(python, [...pip, ...pipArguments(each, at)])
  }
  const byUv = async ({ program, variables, orPip }: Uv) => {
    const install = ['pip', 'install', '--python', python, '--compile-bytecode', '--no-progress']
    for (const args of runs.flatMap(each => uvArguments(each, at))) {
      await run(program, [...install, ...(orPip ? LIKE_PIP : []), ...args], {
        ...UV_VARIABLES,
        ...variables
      })
    }
  }
  try {
    await remove()
    await run(base.path, ['-m', 'venv', folder])
    for (const [name, text] of runs.flatMap(({ texts }) => [...texts])) {
      await writeFile(at(name), text)
    }
    if (uv === undefined) await byPip()
    else {
      await byUv(uv).catch(async (error: unknown) => {
        if (!uv.orPip) throw error
        log.info("uv can't install these packages: pip does")
        log.debug((error as FlowstoreError).detail ?? String(error))
        await byPip()
      })
    }
    await writeFile(completeFile(folder), '')
  } catch (error) {
    await remove()
    throw error
  } finally {
    await files.remove()
  }
}
