import { join } from 'node:path'
import { FlowstoreError, throwAll } from '../errors.js'
import type { Notice } from '../log.js'
import { statIfThere } from '../util/files.js'
import { globBase, isGlob, pathMatcher } from './path-matcher.js'
import type { Sources } from './sources.js'
import { type FlowSpec, isDotted, moduleCandidates, parseSpec, targetBelow } from './specs.js'

/** In the names of flows to take: every flow of the module, beside those that are named. */
const ALL_FLOWS = '*'

/** A flow module to load. */
export interface FlowModule {
  /** Path relative to the root, with `/`. */
  readonly file: string
  /** Names of the flows to take from it, or of functions that return them; null takes all flows. */
  readonly flows: readonly string[] | null
  /** Whether `flows` names this file. */
  readonly explicit: boolean
}

const isNotebook = (path: string): boolean => path.endsWith('.ipynb')

const exportText = (notebook: string): string =>
  `export it with \`jupyter nbconvert --to script '${notebook}'\` and store the flow of the .py file`

/** The notice about a notebook that lies among flow modules. */
export const notebookText = (file: string): string =>
  `flows in a notebook are not found: ${exportText(file)}, or add the line !${file} to flows to leave it out`

/** The hint for a notebook that is named, or that lies where no flow module is. */
const notebookHint = (file: string): string =>
  `Flows are not read from ${file}: ${exportText(file)}.`

/** Undefined for a path that does not exist, or a broken link. */
async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const stats = await statIfThere(path)
  return stats && (stats.isDirectory() ? 'folder' : 'file')
}

/**
 * Whether folder walks and globs include a file. They skip `__init__.py`, tests, hidden files and folders, and
 * set-up scripts.
 */
function isWalked(path: string, ending = '.py'): boolean {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  return (
    name.endsWith(ending) &&
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
    const path = spec.excludes ? undefined : targetBelow(root, spec)
    if (path && (await kindOf(join(root, path))) === 'file') named.push(path)
  }
  return named
}

/**
 * What `flows` names: files, folders, and the folder that a pattern begins with. They need not exist.
 *
 * @param roots the folders of `python-path`, relative to the root
 * @returns paths relative to the root; the root itself is left out
 */
export const flowTargets = (
  root: string,
  flows: readonly string[],
  roots: readonly string[] = []
): string[] =>
  flows
    .map(parseSpec)
    .filter(spec => !spec.excludes)
    .flatMap(spec => {
      const path = targetBelow(root, spec) ?? ''
      const dotted = isDotted(spec.target) ? moduleCandidates(spec.target, roots) : []
      return [isGlob(path) ? globBase(path) : path, ...dotted]
    })
    .filter(path => path !== '')

/** The modules of a spec, or why there are none. */
type Match =
  | {
      readonly kind: 'modules'
      readonly files: readonly string[]
      readonly explicit: boolean
      /** Notebooks that lie among them: no module. */
      readonly notebooks: readonly string[]
    }
  | { readonly kind: 'none'; readonly message: string; readonly hint?: string }

const named = (file: string): Match => ({
  kind: 'modules',
  files: [file],
  explicit: true,
  notebooks: []
})

/** The modules and notebooks among paths; `none` if there is no module. */
function walked(
  paths: readonly string[],
  below: string,
  none: { readonly message: string; readonly hint: string }
): Match {
  const chosen = (ending: string) =>
    paths.filter(path => isWalked(path.slice(below.length), ending))
  const files = chosen('.py')
  const notebooks = chosen('.ipynb')
  if (files.length > 0) return { kind: 'modules', files, explicit: false, notebooks }
  const [notebook] = notebooks
  if (notebook === undefined) return { kind: 'none', ...none }
  return { kind: 'none', ...none, hint: notebookHint(notebook) }
}

function inFolder(folder: string, { text }: FlowSpec, paths: readonly string[]): Match {
  const prefix = folder === '' ? '' : `${folder}/`
  const below = paths.filter(file => file.startsWith(prefix))
  return walked(below, prefix, {
    message: `the folder '${text}' has no flow modules`,
    hint: 'Folder walks leave out __init__.py, setup.py, tests, hidden folders and what .gitignore or .dockerignore excludes; name such a file directly.'
  })
}

function ofGlob(pattern: string, { text }: FlowSpec, paths: readonly string[]): Match {
  return walked(paths.filter(pathMatcher(pattern)), '', {
    message: `the pattern '${text}' matches no Python module`,
    hint: 'Patterns are relative to the working directory and, like folder walks, leave out __init__.py, setup.py, tests and ignored files.'
  })
}

function ofDottedModule(
  { text, target }: FlowSpec,
  paths: readonly string[],
  roots: readonly string[]
): Match {
  const candidates = moduleCandidates(target, roots)
  const existing = new Set(paths)
  const file = candidates.find(candidate => existing.has(candidate))
  if (file !== undefined) return named(file)
  return {
    kind: 'none',
    message: `there is no file, folder or module '${text}'`,
    hint: `Looked for ${candidates.join(', ')}.`
  }
}

function ofFile(path: string, { text }: FlowSpec): Match {
  if (path.endsWith('.py')) return named(path)
  const message = `'${text}' is not a Python module (.py)`
  return isNotebook(path)
    ? { kind: 'none', message: `${message} but a notebook`, hint: notebookHint(path) }
    : { kind: 'none', message }
}

async function matchOf(
  spec: FlowSpec,
  root: string,
  paths: readonly string[],
  roots: readonly string[]
): Promise<Match> {
  const { text, target } = spec
  const path = targetBelow(root, spec)
  if (path === undefined) {
    return {
      kind: 'none',
      message: `'${text}' lies outside the working directory`,
      hint: 'Flow modules are loaded from the working directory: set working-directory to a folder above them.'
    }
  }
  const kind = await kindOf(join(root, path))
  if (kind === 'folder') return inFolder(path, spec, paths)
  if (kind === 'file') return ofFile(path, spec)
  if (isGlob(path)) return ofGlob(path, spec, paths)
  if (isDotted(target)) return ofDottedModule(spec, paths, roots)
  return { kind: 'none', message: `'${text}' does not exist`, hint: `Looked in ${root}.` }
}

/** What an exclusion leaves out: what {@link pathMatcher} matches, or a dotted module. */
function exclusionOf(
  spec: FlowSpec,
  root: string,
  roots: readonly string[]
): (path: string) => boolean {
  const target = targetBelow(root, spec)
  if (target === undefined) return () => false
  const dotted = isDotted(spec.target) ? moduleCandidates(spec.target, roots) : []
  const matches = pathMatcher(target)
  return path => matches(path) || dotted.includes(path)
}

/** A line `!PATTERN` of `flows`, and how many files it leaves out. */
class Exclusion {
  private readonly excludes: (path: string) => boolean
  private matched = false

  constructor(
    readonly spec: FlowSpec,
    root: string,
    roots: readonly string[]
  ) {
    this.excludes = exclusionOf(spec, root, roots)
  }

  matches(path: string): boolean {
    const matches = this.excludes(path)
    this.matched ||= matches
    return matches
  }

  get problem(): FlowstoreError | undefined {
    const { text, flow } = this.spec
    if (flow === null) return undefined
    return new FlowstoreError(
      'INVALID_OPTION',
      `the option 'flows' can leave out modules, and '${text}' names a flow`,
      { hint: 'Name the flows that you want: one line `path.py:flow name` for each.' }
    )
  }

  /** A warning if it leaves nothing out. */
  get warning(): Notice | undefined {
    if (this.matched) return undefined
    const message = `'${this.spec.text}' in flows leaves nothing out: no flow module matches it. Patterns are relative to the working directory; **/ matches any folders`
    return { level: 'warning', message }
  }
}

/** Joins the flows that two specs take from one module. */
function joined(one: FlowModule, other: FlowModule): FlowModule {
  const wanted = [...(one.flows ?? [ALL_FLOWS]), ...(other.flows ?? [ALL_FLOWS])]
  const flows = wanted.every(name => name === ALL_FLOWS) ? null : [...new Set(wanted)]
  return { file: one.file, flows, explicit: one.explicit || other.explicit }
}

/** The flow modules of a build, and what a person should know about the option. */
export interface Discovered {
  readonly modules: readonly FlowModule[]
  /** Notebooks in the folders and patterns of `flows`: flows in them are not found. */
  readonly notebooks: readonly string[]
  readonly notices: readonly Notice[]
}

/**
 * Resolves the option `flows` to the modules to load: in the order of the option, those of a folder or a glob
 * sorted by path. Each module is listed once; specs that name flows of the same module are joined. What a line
 * `!PATTERN` matches is left out, wherever that line is.
 *
 * @param sources the sources of the load
 * @param flows files, folders, globs, `path.py:flow name`, `package.module` or `package.module:flow name`, and
 * `!` with a file, a folder, a glob or a module
 * @param roots folders that dotted modules are looked for in first, relative to the root: the option `python-path`
 * @throws FlowstoreError MODULE_NOT_FOUND, naming every spec that matches nothing, or if every module is left
 * out; INVALID_OPTION for an exclusion of a single flow; FILE_UNREADABLE
 */
export async function discover(
  sources: Sources,
  flows: readonly string[],
  roots: readonly string[] = []
): Promise<Discovered> {
  const paths = sources.files.map(file => file.path)
  const specs = flows.map(parseSpec)
  const exclusions = specs
    .filter(spec => spec.excludes)
    .map(spec => new Exclusion(spec, sources.root, roots))
  const errors = exclusions.flatMap(({ problem }) => problem ?? [])
  // Each exclusion is asked: one that only repeats others leaves something out too.
  const isKept = (path: string) =>
    exclusions.filter(exclusion => exclusion.matches(path)).length === 0
  const found = new Map<string, FlowModule>()
  const notebooks = new Set<string>()
  for (const spec of specs.filter(({ excludes }) => !excludes)) {
    const match = await matchOf(spec, sources.root, paths, roots)
    if (match.kind === 'none') {
      errors.push(new FlowstoreError('MODULE_NOT_FOUND', match.message, { hint: match.hint }))
      continue
    }
    for (const notebook of match.notebooks.filter(isKept)) notebooks.add(notebook)
    for (const file of match.files.filter(isKept)) {
      const names = spec.flow === null ? null : [spec.flow]
      const module: FlowModule = { file, flows: names, explicit: match.explicit }
      const known = found.get(file)
      found.set(file, known === undefined ? module : joined(known, module))
    }
  }
  if (errors.length === 0 && found.size === 0) errors.push(allLeftOut(exclusions))
  throwAll(errors)
  return {
    modules: [...found.values()],
    notebooks: [...notebooks],
    notices: exclusions.flatMap(({ warning }) => warning ?? [])
  }
}

function allLeftOut(exclusions: readonly Exclusion[]): FlowstoreError {
  const lines = exclusions.map(({ spec }) => `'${spec.text}'`).join(', ')
  return new FlowstoreError('MODULE_NOT_FOUND', `every flow module is left out by ${lines}`, {
    hint: 'A line that begins with ! in flows leaves out what the other lines find.'
  })
}

/** The modules that {@link discover} finds. */
export const discoverModules = async (
  sources: Sources,
  flows: readonly string[],
  roots: readonly string[] = []
): Promise<readonly FlowModule[]> => (await discover(sources, flows, roots)).modules
