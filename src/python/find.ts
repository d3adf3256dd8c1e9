import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { getExecOutput } from '@actions/exec'
import { FlowstoreError } from '../errors.js'
import { installerEnvironment } from './variables.js'

/** An interpreter on this machine. */
export interface Interpreter {
  readonly path: string
  /** `major.minor`. */
  readonly python: string
}

type Variables = Readonly<Record<string, string | undefined>>

const WINDOWS = process.platform === 'win32'

/** Programs of a name on PATH. */
export function onPath(env: Variables, name: string): string[] {
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, WINDOWS ? `${name}.exe` : name))
    .filter(path => existsSync(path))
}

async function inPyenv(env: Variables, version: string): Promise<string[]> {
  const root = env['PYENV_ROOT'] ?? (env['HOME'] ? join(env['HOME'], '.pyenv') : undefined)
  if (root === undefined || !existsSync(join(root, 'versions'))) return []
  return (await readdir(join(root, 'versions')))
    .filter(name => name === version || name.startsWith(`${version}.`))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map(name => join(root, 'versions', name, 'bin', 'python'))
    .filter(path => existsSync(path))
}

async function inToolCache(env: Variables, version: string): Promise<string[]> {
  // The library throws where the runner has no tool cache.
  if (!env['RUNNER_TOOL_CACHE']) return []
  // Not before it is needed: it brings an HTTP client, which takes longer to read than all else here.
  const { find } = await import('@actions/tool-cache')
  const folder = find('Python', version)
  if (folder === '') return []
  return [WINDOWS ? join(folder, 'python.exe') : join(folder, 'bin', 'python')]
}

async function fromUv(env: Variables, version: string): Promise<string[]> {
  if (onPath(env, 'uv').length === 0) return []
  const run = async (args: string[]) =>
    getExecOutput('uv', args, {
      silent: true,
      ignoreReturnCode: true,
      env: installerEnvironment(env)
    })
  await run(['python', 'install', version])
  const { exitCode, stdout } = await run(['python', 'find', version])
  return exitCode === 0 ? [stdout.trim()] : []
}

/** The version of an interpreter, or undefined where the file is none that runs. */
async function versionOf(path: string, env: Variables): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await getExecOutput(
      `"${path}"`,
      ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
      { silent: true, ignoreReturnCode: true, env: installerEnvironment(env) }
    )
    return exitCode === 0 ? stdout.trim() : undefined
  } catch {
    return undefined
  }
}

/** Whether the option `python` says a version, such as `3.9`, and no path or command. */
export const isPythonVersion = (asked: string): boolean => /^\d+\.\d+(\.\d+)?$/.test(asked)

/** The files that a path or a command names. */
export const namedPythons = (asked: string, env: Variables, cwd: string): string[] =>
  /[/\\]/.test(asked) || isAbsolute(asked)
    ? [resolve(cwd, asked)].filter(path => existsSync(path))
    : onPath(env, asked)

export const noSuchPython = (asked: string): FlowstoreError =>
  new FlowstoreError('PYTHON_NOT_FOUND', `there is no Python interpreter '${asked}'`, {
    hint: 'python takes a path, a command on PATH, or a version such as 3.9.'
  })

/**
 * Finds the interpreter to load flows with.
 *
 * @param asked the option `python`: a path, or a version such as `3.9`
 * @param suitable `major.minor` of the interpreters that the Prefect release runs on, or undefined
 * where the release is not known: then any will do
 * @param env the machine's variables
 * @throws FlowstoreError PYTHON_NOT_FOUND, saying what it looked for and where
 */
export async function findPython(
  asked: string | undefined,
  suitable: readonly string[] | undefined,
  env: Variables,
  cwd: string
): Promise<Interpreter> {
  const isVersion = asked !== undefined && isPythonVersion(asked)
  if (asked !== undefined && !isVersion) {
    for (const path of namedPythons(asked, env, cwd)) {
      const python = await versionOf(path, env)
      if (python !== undefined) return { path, python }
    }
    throw noSuchPython(asked)
  }

  const accepts = (python: string) =>
    isVersion
      ? asked === python || asked.startsWith(`${python}.`)
      : (suitable?.includes(python) ?? true)
  const first = isVersion ? await inToolCache(env, asked) : []
  for (const path of [...first, ...onPath(env, 'python3'), ...onPath(env, 'python')]) {
    const python = await versionOf(path, env)
    if (python !== undefined && accepts(python)) return { path, python }
  }
  const versions = isVersion ? [asked] : [...(suitable ?? [])].reverse()
  const places: readonly ((version: string) => string[] | Promise<string[]>)[] = [
    version => inToolCache(env, version),
    version => onPath(env, `python${version}`),
    version => inPyenv(env, version),
    version => fromUv(env, version)
  ]
  for (const place of places) {
    for (const version of versions) {
      for (const path of await place(version)) {
        const python = await versionOf(path, env)
        if (python !== undefined && accepts(python)) return { path, python }
      }
    }
  }
  const wanted = versions.length > 0 ? versions.join(', ') : '3'
  throw new FlowstoreError('PYTHON_NOT_FOUND', `no Python ${wanted} is on this machine`, {
    hint: 'Looked on PATH, in the tool cache (RUNNER_TOOL_CACHE), in pyenv and for uv. Install one, or say where it is with python.'
  })
}
