import { stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import { FlowstoreError, throwAll } from '../errors.js'
import type { Sources } from './sources.js'

/** A flow module to load. */
export interface FlowModule {
  /** Path relative to the root, with `/`. */
  readonly file: string
  /** Names of the flows wanted from it; null takes all. */
  readonly flows: readonly string[] | null
  /** Whether a person named this very file. */
  readonly explicit: boolean
}

/** One entry of the option `flows`, taken apart. */
interface Spec {
  readonly text: string
  /** A path, a folder, a glob or a dotted module, with `/`. */
  readonly target: string
  readonly flow: string | null
}

const DOTTED_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

/** Takes `path.py:flow name` and `package.module:flow name` apart; a drive letter is not a flow. */
function parseSpec(text: string): Spec {
  const python = /^(.+?\.py):(.+)$/s.exec(text)
  if (python?.[1] && python[2]) return { text, target: toPosix(python[1]), flow: python[2].trim() }
  const dotted = /^([\w.]+):(.+)$/s.exec(text)
  if (dotted?.[1] && dotted[2] && DOTTED_MODULE.test(dotted[1]) && dotted[1].length > 1)
    return { text, target: dotted[1], flow: dotted[2].trim() }
  return { text, target: toPosix(text), flow: null }
}

function toPosix(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path
}

/** The path below the root, or undefined where it leaves it. */
function belowRoot(root: string, path: string): string | undefined {
  const below = toPosix(relative(root, isAbsolute(path) ? path : join(root, path)))
  return below === '..' || below.startsWith('../') || isAbsolute(below) ? undefined : below
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    const stats = await stat(path)
    return stats.isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}

/** Left out of folder walks and globs: packages' own files, tests, hidden folders, set-up scripts. */
function isWalked(path: string): boolean {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  return (
    name.endsWith('.py') &&
    name !== '__init__.py' &&
    name !== 'setup.py' &&
    name !== 'conftest.py' &&
    !/^test_|_test\.py$/.test(name) &&
    !name.startsWith('.') &&
    !parts.some(part => part.startsWith('.') || part === 'tests' || part === 'test')
  )
}

const isGlob = (target: string) => picomatch.scan(target).isGlob

/**
 * The files that `flows` names outright and that exist: they are sources whatever the ignore rules say.
 *
 * @returns paths relative to the root
 */
export async function namedFiles(root: string, flows: readonly string[]): Promise<string[]> {
  const named: string[] = []
  for (const { target } of flows.map(parseSpec)) {
    const path = belowRoot(root, target)
    if (path && (await kindOf(join(root, path))) === 'file') named.push(path)
  }
  return named
}

/**
 * Resolves the option `flows` to the modules to load: in the order given, within a folder or a glob
 * sorted by path, each module once (specs that name flows of one module are joined).
 *
 * @param sources what the load will see
 * @param flows files, folders, globs, `path.py:flow name`, `package.module` or `package.module:flow name`
 * @throws FlowstoreError MODULE_NOT_FOUND, naming every spec that matches nothing
 */
export async function discoverModules(
  sources: Sources,
  flows: readonly string[]
): Promise<FlowModule[]> {
  const { root } = sources
  const paths = sources.files.map(file => file.path)
  const errors: FlowstoreError[] = []
  const found = new Map<string, FlowModule>()

  const take = (file: string, flow: string | null, explicit: boolean): void => {
    const known = found.get(file)
    const names =
      known === undefined
        ? flow === null
          ? null
          : [flow]
        : known.flows === null || flow === null
          ? null
          : [...new Set([...known.flows, flow])]
    found.set(file, { file, flows: names, explicit: explicit || (known?.explicit ?? false) })
  }

  const missing = (message: string, hint?: string): void => {
    errors.push(new FlowstoreError('MODULE_NOT_FOUND', message, { hint }))
  }

  for (const spec of flows.map(parseSpec)) {
    const path = belowRoot(root, spec.target)
    if (path === undefined) {
      missing(
        `'${spec.text}' lies outside the working directory`,
        'Flow modules are loaded from the repository: run from its root, or set the working directory.'
      )
      continue
    }
    const kind = await kindOf(join(root, path))
    if (kind === 'file') {
      if (path.endsWith('.py')) take(path, spec.flow, true)
      else missing(`'${spec.text}' is not a Python module (.py)`)
    } else if (kind === 'folder') {
      const prefix = path === '' ? '' : `${path}/`
      const below = paths.filter(
        file => file.startsWith(prefix) && isWalked(file.slice(prefix.length))
      )
      for (const file of below) take(file, spec.flow, false)
      if (below.length === 0) {
        missing(
          `the folder '${spec.text}' has no flow modules`,
          'Folder walks leave out __init__.py, setup.py, tests, hidden folders and what .gitignore or .dockerignore excludes; name such a file directly.'
        )
      }
    } else if (isGlob(path)) {
      const matches = picomatch(path, { dot: false })
      const matched = paths.filter(file => matches(file) && isWalked(file))
      for (const file of matched) take(file, spec.flow, false)
      if (matched.length === 0) {
        missing(
          `the pattern '${spec.text}' matches no Python module`,
          'Patterns are relative to the working directory and, like folder walks, leave out __init__.py, setup.py, tests and ignored files.'
        )
      }
    } else if (DOTTED_MODULE.test(spec.target) && !spec.target.endsWith('.py')) {
      const file = moduleFile(spec.target, new Set(paths))
      if (file) take(file, spec.flow, true)
      else {
        missing(
          `there is no file, folder or module '${spec.text}'`,
          `Looked for ${moduleCandidates(spec.target).join(', ')}.`
        )
      }
    } else {
      missing(`'${spec.text}' does not exist`, `Looked in ${root}.`)
    }
  }
  throwAll(errors)
  return [...found.values()]
}

function moduleCandidates(module: string): string[] {
  const path = module.replaceAll('.', '/')
  return ['', 'src/'].flatMap(prefix => [`${prefix}${path}.py`, `${prefix}${path}/__init__.py`])
}

function moduleFile(module: string, paths: ReadonlySet<string>): string | undefined {
  return moduleCandidates(module).find(candidate => paths.has(candidate))
}
