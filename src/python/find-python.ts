import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { ifThere } from '../util/files.js'
import { WINDOWS } from '../util/platform.js'
import { runProcess } from '../util/process.js'
import { reasonOf } from './protocol/loader-output.js'
import { installerEnvironment } from './module-environment.js'

/** Where an interpreter was found: `option` for a path of the option `python`. */
type FoundIn = 'option' | 'PATH' | 'tool cache' | 'pyenv' | 'uv'

/** An interpreter on this machine. */
export interface FoundPython {
  readonly path: string
  /** `major.minor`. */
  readonly python: string
  readonly foundIn: FoundIn
}

type Variables = Readonly<Record<string, string | undefined>>

/** Programs with a name on PATH. Like a shell, it skips folders that it can't read. */
export function onPath(env: Variables, name: string): string[] {
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .map(folder => join(folder, WINDOWS ? `${name}.exe` : name))
    .filter(path => existsSync(path))
}

/** A source of interpreters. */
interface Source {
  readonly name: FoundIn
  readonly find: (version: string, env: Variables) => readonly string[] | Promise<readonly string[]>
}

async function inToolCache(version: string, env: Variables): Promise<string[]> {
  // The library throws if the runner has no tool cache.
  if (!env['RUNNER_TOOL_CACHE']) return []
  // Imported only when needed: it has an HTTP client, which takes longer to load than everything else here.
  const { find } = await import('@actions/tool-cache')
  const folder = find('Python', version)
  if (folder === '') return []
  return [WINDOWS ? join(folder, 'python.exe') : join(folder, 'bin', 'python')]
}

async function inPyenv(version: string, env: Variables): Promise<string[]> {
  const root = env['PYENV_ROOT'] ?? (env['HOME'] ? join(env['HOME'], '.pyenv') : undefined)
  if (root === undefined) return []
  const folder = join(root, 'versions')
  const names = (await ifThere(readdir(folder))) ?? []
  return names
    .filter(name => name === version || name.startsWith(`${version}.`))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map(name => join(folder, name, 'bin', 'python'))
}

/** Variables of `uv python install`. Releases that don't know one ignore it. */
const UV_INSTALL = {
  // The interpreters come without bytecode, and flow modules can't write any.
  UV_COMPILE_BYTECODE: '1',
  // Not on the user's PATH.
  UV_PYTHON_INSTALL_BIN: '0'
}

async function fromUv(version: string, env: Variables): Promise<string[]> {
  const [uv] = onPath(env, 'uv')
  if (uv === undefined) return []
  const variables = installerEnvironment(env)
  // If uv can't install one, it may still find one.
  const options = { env: { ...UV_INSTALL, ...variables } }
  const installed = await runProcess(uv, ['python', 'install', version], options)
  const found = await runProcess(uv, ['python', 'find', version], { env: variables })
  if (found.exitCode === 0) return [found.stdout.trim()]
  throw new Error((installed.exitCode === 0 ? found : installed).stderr.trim())
}

const TOOL_CACHE: Source = { name: 'tool cache', find: inToolCache }

/** In the order of the search. */
const SOURCES: readonly Source[] = [
  TOOL_CACHE,
  { name: 'PATH', find: (version, env) => onPath(env, `python${version}`) },
  { name: 'pyenv', find: inPyenv },
  { name: 'uv', find: fromUv }
]

/** A file that may be an interpreter, or why a source could not be searched. */
type PossiblePython =
  | { readonly kind: 'file'; readonly path: string; readonly foundIn: FoundIn }
  | { readonly kind: 'fault'; readonly reason: string }

const fault = (what: string, error: unknown): PossiblePython => ({
  kind: 'fault',
  reason: `${what}: ${reasonOf(error)}`
})

const files = (paths: readonly string[], foundIn: FoundIn): PossiblePython[] =>
  paths.map(path => ({ kind: 'file', path, foundIn }))

async function fromSource(source: Source, version: string, env: Variables): Promise<PossiblePython[]> {
  try {
    return files(await source.find(version, env), source.name)
  } catch (error) {
    return [fault(source.name, error)]
  }
}

/**
 * The candidates, best first. A source is searched only when all earlier candidates have been tried.
 *
 * @param exact the requested version; default none
 * @param versions all suitable versions, best first
 */
async function* possiblePythons(
  exact: string | undefined,
  versions: readonly string[],
  env: Variables
): AsyncGenerator<PossiblePython, void> {
  if (exact !== undefined) yield* await fromSource(TOOL_CACHE, exact, env)
  yield* files([...onPath(env, 'python3'), ...onPath(env, 'python')], 'PATH')
  for (const source of SOURCES) {
    for (const version of versions) yield* await fromSource(source, version, env)
  }
}

/** Milliseconds for an interpreter to print its version. */
const TIMEOUT = 30_000

/**
 * The version of an interpreter, `major.minor`.
 *
 * @throws Error that says why the file does not run or is not Python
 */
async function versionOf(path: string, env: Variables): Promise<string> {
  const script = 'import sys; print("%d.%d" % sys.version_info[:2])'
  const options = { env: installerEnvironment(env), timeout: TIMEOUT }
  const { exitCode, stdout, stderr } = await runProcess(path, ['-c', script], options)
  if (exitCode !== 0) {
    const last = stderr.trimEnd().split(/\r?\n/).at(-1)
    throw new Error(`ended with exit code ${exitCode}${last ? `: ${last}` : ''}`)
  }
  const version = stdout.trim()
  if (!/^\d+\.\d+$/.test(version)) throw new Error('does not print its version as Python does')
  return version
}

/** The first suitable interpreter, or the faults of the candidates. */
type Search =
  | { readonly kind: 'found'; readonly interpreter: FoundPython }
  | { readonly kind: 'none'; readonly faults: readonly string[] }

async function firstThatFits(
  candidates: AsyncIterable<PossiblePython> | Iterable<PossiblePython>,
  fits: (python: string) => boolean,
  env: Variables
): Promise<Search> {
  const seen = new Set<string>()
  const faults: string[] = []
  for await (const candidate of candidates) {
    if (candidate.kind === 'fault') {
      faults.push(candidate.reason)
      continue
    }
    const { path, foundIn } = candidate
    if (seen.has(path)) continue
    seen.add(path)
    try {
      const python = await versionOf(path, env)
      if (fits(python)) return { kind: 'found', interpreter: { path, python, foundIn } }
    } catch (error) {
      faults.push(`${path}: ${reasonOf(error)}`)
    }
  }
  return { kind: 'none', faults }
}

/** Whether the option `python` is a version, such as `3.9`, and not a path or command. */
export const isPythonVersion = (requested: string): boolean => /^\d+\.\d+(\.\d+)?$/.test(requested)

/** Whether a text names a file, and not a command on PATH. */
const isPath = (requested: string): boolean => /[/\\]/.test(requested) || isAbsolute(requested)

/**
 * The files that a path or a command names.
 *
 * @throws FlowstoreError PYTHON_NOT_FOUND for a path that can't be read
 */
export function namedPythons(requested: string, env: Variables, cwd: string): string[] {
  if (!isPath(requested)) return onPath(env, requested)
  const path = resolve(cwd, requested)
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [path]
  } catch (error) {
    throw noSuchPython(requested, reasonOf(error))
  }
}

/**
 * @param detail why the interpreter does not run; undefined if it was not found
 */
export const noSuchPython = (requested: string, detail?: string): FlowstoreError =>
  new FlowstoreError('PYTHON_NOT_FOUND', `there is no Python interpreter '${requested}'`, {
    hint: '`python` takes a path, a command on PATH, or a version such as 3.9.',
    detail
  })

/** Variable with the address that uv downloads interpreters from, instead of GitHub. */
const MIRROR = 'UV_PYTHON_INSTALL_MIRROR'

const isFromUv = (reason: string): boolean => reason.startsWith('uv: ')

const lines = (faults: readonly string[]): string | undefined => faults.join('\n') || undefined

async function namedPython(requested: string, env: Variables, cwd: string): Promise<FoundPython> {
  const named = files(namedPythons(requested, env, cwd), isPath(requested) ? 'option' : 'PATH')
  const search = await firstThatFits(named, () => true, env)
  if (search.kind === 'found') return search.interpreter
  throw noSuchPython(requested, lines(search.faults))
}

/**
 * Finds the interpreter to load flows with.
 *
 * @param requested the option `python`: a path, or a version such as `3.9`
 * @param suitable `major.minor` of the interpreters that the Prefect release runs on; undefined for an
 * unknown release, which accepts any
 * @param env the machine's variables
 * @throws FlowstoreError PYTHON_NOT_FOUND, with the versions and places of the search, and the interpreters
 * that do not run
 */
export async function findPython(
  requested: string | undefined,
  suitable: readonly string[] | undefined,
  env: Variables,
  cwd: string
): Promise<FoundPython> {
  if (requested !== undefined && !isPythonVersion(requested)) return namedPython(requested, env, cwd)
  const fits = (python: string) =>
    requested === undefined
      ? (suitable?.includes(python) ?? true)
      : requested === python || requested.startsWith(`${python}.`)
  const versions = requested === undefined ? [...(suitable ?? [])].reverse() : [requested]
  const search = await firstThatFits(possiblePythons(requested, versions, env), fits, env)
  if (search.kind === 'found') return search.interpreter
  const searched = versions.length > 0 ? versions.join(', ') : '3'
  throw new FlowstoreError('PYTHON_NOT_FOUND', `no Python ${searched} is on this machine`, {
    hint: [
      ...(env[MIRROR] !== undefined && search.faults.some(isFromUv)
        ? [`uv downloads interpreters from the address in ${MIRROR}: check it.`]
        : []),
      'Looked on PATH, in the tool cache (RUNNER_TOOL_CACHE), in pyenv and for uv. Install one (actions/setup-python), set `python` to its path, or load the flows in an image (load-in: image).'
    ].join(' '),
    detail: lines(search.faults)
  })
}
