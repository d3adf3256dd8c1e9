import { tmpdir } from 'node:os'
import { FlowstoreError } from '../../errors.js'
import { sha256Json } from '../../util/hash.js'
import type { Log } from '../../log.js'
import { findPython, onPath } from '../../python/find-python.js'
import { runTool } from './run-tool.js'
import { UV_PYTHONS, UV_RELEASE } from '../uv.js'
import { cacheFolder, ensureVirtualEnvironment, programOf } from './virtual-environment.js'

/** The machine that runs a tool. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Cache folder of installed tools. */
  readonly cache: string
  readonly log: Log
}

/** A program from a package on PyPI. */
export interface Tool {
  readonly name: string
  readonly requirements: readonly string[]
  /** `major.minor` of the Pythons that it runs on, oldest first. */
  readonly pythons: readonly string[]
}

export const UV: Tool = {
  name: 'uv',
  requirements: [`uv==${UV_RELEASE}`],
  pythons: UV_PYTHONS
}

/** Why a tool is needed, for messages. */
export interface ToolPurpose {
  /** The purpose, after the tool's name: such as `to export uv.lock`. */
  readonly what: string
  /** What to do when it can't be installed. */
  readonly hint: string
  readonly file?: string | undefined
  readonly cwd: string
}

/** Whether a program on PATH starts and succeeds; the log says why not. */
async function isUsable(
  path: string,
  probe: readonly string[],
  machine: Machine
): Promise<boolean> {
  try {
    const { exitCode, stderr } = await runTool(path, probe, tmpdir(), machine)
    if (exitCode === 0) return true
    machine.log.debug(`${path} ${probe.join(' ')} ended with ${exitCode}: ${stderr}`)
  } catch (error) {
    machine.log.info(`${path} on PATH can't be started: ${(error as Error).message}`)
  }
  return false
}

/**
 * The program of a tool: the one on PATH if it can do the work, else one that is installed into the cache.
 *
 * @param probe arguments with which it succeeds if it can do the work
 * @throws FlowstoreError DEPENDENCY_INSTALL, PYTHON_NOT_FOUND
 */
export async function toolProgram(
  tool: Tool,
  probe: readonly string[],
  purpose: ToolPurpose,
  machine: Machine
): Promise<string> {
  for (const path of onPath(machine.env, tool.name)) {
    if (await isUsable(path, probe, machine)) return path
  }
  return installedTool(tool, purpose, machine)
}

async function installedTool(
  tool: Tool,
  { what, hint, file, cwd }: ToolPurpose,
  { env, cache, log }: Machine
): Promise<string> {
  const python = await findPython(undefined, tool.pythons, env, cwd)
  const key = sha256Json([python.path, python.python, tool.requirements]).slice(0, 20)
  const folder = cacheFolder(cache, tool.name, key)
  const texts = new Map([['tool.txt', `${tool.requirements.join('\n')}\n`]])
  await ensureVirtualEnvironment(
    {
      folder,
      base: { path: python.path, version: python.python },
      runs: [{ file: 'tool.txt', args: [], texts }],
      cwd: tmpdir(),
      env
    },
    detail =>
      new FlowstoreError(
        'DEPENDENCY_INSTALL',
        `${tool.requirements.join(' and ')} can't be installed ${what}`,
        { file, detail, hint }
      ),
    log
  )
  return programOf(folder, tool.name)
}
