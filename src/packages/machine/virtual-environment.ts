import { statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { pipUpgrade } from '../../prefect/install.js'
import { runTool } from './run-tool.js'
import { WINDOWS } from '../../util/platform.js'
import { processScope } from '../../util/scope.js'
import { temporaryFolder } from '../../util/temporary.js'
import { unreadable } from '../unreadable.js'
import { withFolderLock } from './folder-lock.js'
import { installProgress, pipReason } from '../installer-output.js'
import { pipArguments, type PipRun } from '../pip.js'
import { LIKE_PIP, UV_VARIABLES, uvArguments } from '../uv.js'

/** A virtual environment in a cache, either complete or absent. */
export interface VirtualEnvironment {
  /** Its folder; see {@link cacheFolder}. */
  readonly folder: string
  /** The interpreter that creates it, with its version. */
  readonly base: { readonly path: string; readonly version: string }
  /** The runs of pip that install its packages, in order. */
  readonly runs: readonly PipRun[]
  /** The folder that paths in requirements are relative to. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The uv that installs; default pip. */
  readonly uv?: Uv | undefined
}

/** A uv, and how to run it. */
export interface Uv {
  readonly program: string
  /** Settings of pip that uv needs as variables; variables that are already set win. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether uv reads only what pip reads, and pip takes over if uv fails. */
  readonly orPip: boolean
}

/**
 * The folder of an environment in a cache, in the layout of the runner's tool cache: the toolkit and its
 * clean-up find it there. The key is the pre-release part of the version, which can be any text.
 *
 * @param cache the tool cache, or a folder like it
 */
export const cacheFolder = (cache: string, name: string, key: string): string =>
  join(cache, `flowstore-${name}`, `1.0.0-key${key}`, arch())

const completeFile = (folder: string): string => `${folder}.complete`

/** A program of a virtual environment. */
export const programOf = (folder: string, name: string): string =>
  join(folder, ...(WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]))

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw unreadable(path, error)
  }
}

/**
 * Whether an environment exists and is complete. It is incomplete if the Python that it links to was removed.
 *
 * @throws FlowstoreError FILE_UNREADABLE
 */
export const isComplete = (folder: string): boolean =>
  exists(programOf(folder, 'python')) && exists(completeFile(folder))

/**
 * Creates a virtual environment, unless it exists. If several processes need the same one, one creates it and
 * the others wait.
 *
 * @param failure creates the error from pip's output
 * @throws FlowstoreError of `failure`, after the environment is removed; FILE_UNREADABLE
 */
export async function ensureVirtualEnvironment(
  environment: VirtualEnvironment,
  failure: (reason: string) => FlowstoreError,
  log: Log
): Promise<void> {
  const { folder } = environment
  if (isComplete(folder)) return
  await makeParent(folder)
  // An environment can't be created elsewhere and moved: its programs contain its path.
  const make = async () => {
    if (!isComplete(folder)) await makeVirtualEnvironment(environment, failure, log)
  }
  await withFolderLock(folder, make, log)
}

/**
 * As {@link ensureVirtualEnvironment}, for one that can be moved: it is made beside its place.
 *
 * @param make makes it in a folder that does not exist
 * @throws what `make` throws, after the folder is removed; FlowstoreError WRITE_FAILED, FILE_UNREADABLE
 */
export async function ensureMovable(
  folder: string,
  make: (draft: string) => Promise<void>,
  log: Log
): Promise<void> {
  if (isComplete(folder)) return
  await makeParent(folder)
  const move = async () => {
    if (isComplete(folder)) return
    const draft = `${folder}.unpacking`
    const removeDraft = () => rm(draft, { recursive: true, force: true })
    const unregister = processScope.defer(removeDraft)
    try {
      await removeDraft()
      await removeVirtualEnvironment(folder)
      await make(draft)
      await rename(draft, folder)
      await writeFile(completeFile(folder), '')
    } catch (error) {
      await removeVirtualEnvironment(folder)
      throw isOfFile(error) ? unwritable(error) : error
    } finally {
      await removeDraft()
      unregister()
    }
  }
  await withFolderLock(folder, move, log)
}

async function makeParent(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true })
  } catch (error) {
    throw unwritable(error)
  }
}

const unwritable = (error: unknown): FlowstoreError =>
  new FlowstoreError('WRITE_FAILED', `can't write to the cache: ${(error as Error).message}`, {
    hint: 'Interpreters with packages are kept there: make room, or set another folder (XDG_CACHE_HOME; in the Action RUNNER_TOOL_CACHE).',
    cause: error
  })

/** Whether an error is the system's for a file. */
const isOfFile = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof FlowstoreError) &&
  'syscall' in error &&
  'path' in error

async function removeVirtualEnvironment(folder: string): Promise<void> {
  await rm(completeFile(folder), { force: true })
  // A program that is ending may still write there.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

type RunProgram = (
  command: string,
  args: readonly string[],
  variables?: Readonly<Record<string, string>>
) => Promise<void>

async function makeVirtualEnvironment(
  environment: VirtualEnvironment,
  failure: (reason: string) => FlowstoreError,
  log: Log
): Promise<void> {
  const { folder, base, cwd, env } = environment
  const run: RunProgram = async (command, args, variables = {}) => {
    const onLine = (line: string) => {
      log.debug(line)
      const doing = installProgress(line)
      if (doing !== undefined) log.progress(`installing packages: ${doing}`)
    }
    const { exitCode, stdout, stderr } = await runTool(
      command,
      args,
      cwd,
      { env },
      variables,
      onLine
    )
    if (exitCode !== 0) throw failure(pipReason(stdout + stderr))
  }
  const unregister = processScope.defer(() => removeVirtualEnvironment(folder))
  try {
    await removeVirtualEnvironment(folder)
    log.progress('installing packages: creating a virtual environment')
    await run(base.path, ['-m', 'venv', folder])
    log.progress('installing packages')
    await installPackages(environment, run, log)
    await writeFile(completeFile(folder), '')
  } catch (error) {
    await removeVirtualEnvironment(folder)
    throw error
  } finally {
    unregister()
  }
}

async function installPackages(
  environment: VirtualEnvironment,
  run: RunProgram,
  log: Log
): Promise<void> {
  const { runs, uv } = environment
  const files = await temporaryFolder()
  const pathOf = (name: string) => join(files.path, name)
  try {
    for (const [name, text] of runs.flatMap(({ texts }) => [...texts])) {
      await writeFile(pathOf(name), text)
    }
    if (uv === undefined) {
      await installWithPip(environment, run, pathOf)
      return
    }
    await installWithUv(environment, uv, run, pathOf).catch(async (error: unknown) => {
      if (!uv.orPip) throw error
      log.info("uv can't install these packages: pip installs them")
      log.debug((error as FlowstoreError).detail ?? String(error))
      await installWithPip(environment, run, pathOf)
    })
  } finally {
    await files.remove()
  }
}

async function installWithPip(
  { folder, base, runs }: VirtualEnvironment,
  run: RunProgram,
  pathOf: (name: string) => string
): Promise<void> {
  const python = programOf(folder, 'python')
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input']
  // A new environment has the pip of its interpreter.
  const upgrade = pipUpgrade(base.version, '18.1')
  if (upgrade !== undefined) await run(python, [...install, upgrade])
  for (const each of runs) await run(python, [...install, ...pipArguments(each, pathOf)])
}

async function installWithUv(
  { folder, runs }: VirtualEnvironment,
  { program, variables, orPip }: Uv,
  run: RunProgram,
  pathOf: (name: string) => string
): Promise<void> {
  const python = programOf(folder, 'python')
  const install = ['pip', 'install', '--python', python, '--compile-bytecode', '--no-progress']
  for (const args of runs.flatMap(each => uvArguments(each, pathOf))) {
    await run(program, [...install, ...(orPip ? LIKE_PIP : []), ...args], {
      ...UV_VARIABLES,
      ...variables
    })
  }
}
