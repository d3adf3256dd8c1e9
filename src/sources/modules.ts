import { join } from 'node:path'
import picomatch from 'picomatch'
import { FlowstoreError, throwAll } from '../errors.js'
import { statIfThere } from '../util/files.js'
import type { Sources } from './sources.js'
import {
  type FlowSpec,
  isDotted,
  isGlob,
  moduleCandidates,
  parseSpec,
  targetBelow
} from './specs.js'

/** A flow module to load. */
export interface FlowModule {
  /** Path relative to the root, with `/`. */
  readonly file: string
  /** Names of the flows to take from it; null takes all. */
  readonly flows: readonly string[] | null
  /** Whether `flows` names this file. */
  readonly explicit: boolean
}

/** Undefined for a path that does not exist, or a broken link. */
async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const stats = await statIfThere(path)
  return stats && (stats.isDirectory() ? 'folder' : 'file')
}

/**
 * Whether folder walks and globs include a file. They skip `__init__.py`, tests, hidden files and folders, and
 * set-up scripts.
 */
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

/**
 * The existing files that `flows` names directly: they are always sources.
 *
 * @returns paths relative to the root
 * @throws FlowstoreError FILE_UNREADABLE for one that can't be read
 */
export async function namedFiles(root: string, flows: readonly string[]): Promise<string[]> {
  const named: string[] = []
  for (const spec of flows.map(parseSpec)) {
    const path = targetBelow(root, spec)
    if (path && (await kindOf(join(root, path))) === 'file') named.push(path)
  }
  return named
}

/** The modules of a spec, or why there are none. */
type Match =
  | { readonly kind: 'modules'; readonly files: readonly string[]; readonly explicit: boolean }
  | { readonly kind: 'none'; readonly message: string; readonly hint?: string }

const named = (file: string): Match => ({ kind: 'modules', files: [file], explicit: true })

const walked = (files: readonly string[], none: Match): Match =>
  files.length === 0 ? none : { kind: 'modules', files, explicit: false }

function inFolder(folder: string, { text }: FlowSpec, paths: readonly string[]): Match {
  const prefix = folder === '' ? '' : `${folder}/`
  const below = paths.filter(file => file.startsWith(prefix) && isWalked(file.slice(prefix.length)))
  return walked(below, {
    kind: 'none',
    message: `the folder '${text}' has no flow modules`,
    hint: 'Folder walks leave out __init__.py, setup.py, tests, hidden folders and what .gitignore or .dockerignore excludes; name such a file directly.'
  })
}

function ofGlob(pattern: string, { text }: FlowSpec, paths: readonly string[]): Match {
  const matches = picomatch(pattern, { dot: false })
  const matched = paths.filter(file => matches(file) && isWalked(file))
  return walked(matched, {
    kind: 'none',
    message: `the pattern '${text}' matches no Python module`,
    hint: 'Patterns are relative to the working directory and, like folder walks, leave out __init__.py, setup.py, tests and ignored files.'
  })
}

function ofDottedModule({ text, target }: FlowSpec, paths: readonly string[]): Match {
  const candidates = moduleCandidates(target)
  const existing = new Set(paths)
  const file = candidates.find(candidate => existing.has(candidate))
  if (file !== undefined) return named(file)
  return {
    kind: 'none',
    message: `there is no file, folder or module '${text}'`,
    hint: `Looked for ${candidates.join(', ')}.`
  }
}

async function matchOf(spec: FlowSpec, root: string, paths: readonly string[]): Promise<Match> {
  const { text, target } = spec
  const path = targetBelow(root, spec)
  if (path === undefined) {
    return {
      kind: 'none',
      message: `'${text}' lies outside the working directory`,
      hint: 'Flow modules are loaded from the repository: run from its root, or set the working directory.'
    }
  }
  const kind = await kindOf(join(root, path))
  if (kind === 'folder') return inFolder(path, spec, paths)
  if (kind === 'file') {
    return path.endsWith('.py')
      ? named(path)
      : { kind: 'none', message: `'${text}' is not a Python module (.py)` }
  }
  if (isGlob(path)) return ofGlob(path, spec, paths)
  if (isDotted(target)) return ofDottedModule(spec, paths)
  return { kind: 'none', message: `'${text}' does not exist`, hint: `Looked in ${root}.` }
}

/** Joins the flows that two specs take from one module. */
function joined(one: FlowModule, other: FlowModule): FlowModule {
  const flows =
    one.flows === null || other.flows === null ? null : [...new Set([...one.flows, ...other.flows])]
  return { file: one.file, flows, explicit: one.explicit || other.explicit }
}

/**
 * Resolves the option `flows` to the modules to load: in the order of the option, those of a folder or a glob
 * sorted by path. Each module is listed once; specs that name flows of the same module are joined.
 *
 * @param sources the sources of the load
 * @param flows files, folders, globs, `path.py:flow name`, `package.module` or `package.module:flow name`
 * @throws FlowstoreError MODULE_NOT_FOUND, naming every spec that matches nothing; FILE_UNREADABLE
 */
export async function discoverModules(
  sources: Sources,
  flows: readonly string[]
): Promise<FlowModule[]> {
  const paths = sources.files.map(file => file.path)
  const errors: FlowstoreError[] = []
  const found = new Map<string, FlowModule>()
  for (const spec of flows.map(parseSpec)) {
    const match = await matchOf(spec, sources.root, paths)
    if (match.kind === 'none') {
      errors.push(new FlowstoreError('MODULE_NOT_FOUND', match.message, { hint: match.hint }))
      continue
    }
    for (const file of match.files) {
      const names = spec.flow === null ? null : [spec.flow]
      const module: FlowModule = { file, flows: names, explicit: match.explicit }
      const known = found.get(file)
      found.set(file, known === undefined ? module : joined(known, module))
    }
  }
  throwAll(errors)
  return [...found.values()]
}
