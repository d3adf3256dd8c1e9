import { tmpdir } from 'node:os'
import { getExecOutput } from '@actions/exec'
import { FlowstoreError } from '../errors.js'
import { sha256Json } from '../util/hash.js'
import type { Log } from '../log.js'
import { installerEnvironment } from '../python/variables.js'
import { findPython, onPath } from '../python/find.js'
import { UV_PYTHONS, UV_RELEASE } from './uv.js'
import { keepVirtualEnvironment, keptFolder, programOf } from './virtual-environment.js'

/** What the use of a tool takes of the machine. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that tools are kept in, by their key. */
  readonly cache: string
  readonly log: Log
}

/** A program that PyPI has. */
export interface Tool {
  readonly name: string
  readonly requirements: readonly string[]
  /** `major.minor` that it runs on, oldest first. */
  readonly pythons: readonly string[]
}

export const UV: Tool = {
  name: 'uv',
  requirements: [`uv==${UV_RELEASE}`],
  pythons: UV_PYTHONS
}

/** What a tool is needed for. */
export interface Need {
  /** After its name, such as `to export uv.lock`. */
  readonly what: string
  /** What to do where it can't be had. */
  readonly hint: string
  readonly file?: string | undefined
  readonly cwd: string
}

/** Runs a program with what an installer needs of the environment. */
export async function runTool(
  command: string,
  args: readonly string[],
  cwd: string,
  { env }: Machine
) {
  return getExecOutput(`"${command}"`, [...args], {
    silent: true,
    ignoreReturnCode: true,
    cwd,
    env: installerEnvironment(env)
  })
}

/**
 * The program of a tool: on PATH where it does what is needed, else kept in the cache.
 *
 * @param probe arguments that it ends well with where it does
 * @throws FlowstoreError DEPENDENCY_INSTALL, PYTHON_NOT_FOUND
 */
export async function toolProgram(
  tool: Tool,
  probe: readonly string[],
  need: Need,
  machine: Machine
): Promise<string> {
  const { env, cache, log } = machine
  for (const path of onPath(env, tool.name)) {
    const { exitCode } = await runTool(path, probe, tmpdir(), machine).catch(() => ({
      exitCode: 1
    }))
    if (exitCode === 0) return path
  }
  const python = await findPython(undefined, tool.pythons, env, need.cwd)
  const key = sha256Json([python.path, python.python, tool.requirements]).slice(0, 20)
  const folder = keptFolder(cache, tool.name, key)
  await keepVirtualEnvironment(
    {
      folder,
      base: { path: python.path, version: python.python },
      runs: [
        {
          file: 'tool.txt',
          args: [],
          texts: new Map([['tool.txt', `${tool.requirements.join('\n')}\n`]])
        }
      ],
      cwd: tmpdir(),
      env
    },
    detail =>
      new FlowstoreError(
        'DEPENDENCY_INSTALL',
        `${tool.requirements.join(' and ')} can't be installed ${need.what}`,
        { file: need.file, detail, hint: need.hint }
      ),
    log
  )
  return programOf(folder, tool.name)
}
