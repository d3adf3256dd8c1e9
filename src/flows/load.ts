import { FlowstoreError, hidingIn } from '../errors.js'
import { noFlow } from './messages.js'
import { storageOptions } from '../options/storage-options.js'
import { LOAD_SETTINGS } from '../prefect/pickled-flows.js'
import { rulesFor } from '../prefect/releases.js'
import { parsedFile } from '../python/protocol/loader-output.js'
import type { Loaded, PythonLoader } from '../python/loader.js'
import {
  serializedSchema,
  type ExpectedInterpreter,
  type LoadProblem,
  type LoadResult,
  type ModuleRequest
} from '../python/protocol/protocol.js'
import { hiding, type Hide } from '../util/hiding.js'
import type { EntrypointDetails, FlowVersions, LoadedFlow } from './flow.js'
import { blamingDisk } from './no-space.js'

/** Options of {@link loadFlows}. */
export interface LoadOptions {
  readonly modules: readonly ModuleRequest[]
  /** Variables that modules see while they are loaded. Their values are hidden in all text. Default none. */
  readonly variables?: Readonly<Record<string, string>>
  /** Folders to import modules from, relative to the root of the sources, in this order; default none. */
  readonly importRoots?: readonly string[] | undefined
  /** Where modules of the repository go: beside the pickles, or inside them. */
  readonly helpers: 'reference' | 'value'
  /** Folder of the image that has the files that modules in pickles read; default none. */
  readonly carriedTo?: string | undefined
  /**
   * Labels that the storage gives its flows. With them, and if the release reads flows.json, flows get
   * `serialized`; default without.
   */
  readonly storageLabels?: readonly string[] | undefined
  /** Python files of the repository that the load does not see, relative to its root; default none. */
  readonly leftOut?: readonly string[] | undefined
  /**
   * The hint for an import that misses a file or a module. `absent` has the paths where it would be, relative to the
   * root.
   */
  readonly missedHint?:
    ((problem: Pick<LoadProblem, 'message' | 'absent'>) => Promise<string | undefined>) | undefined
  /** Flow modules that are not loaded; default none. */
  readonly beside?: readonly string[] | undefined
  /** Whether the load says what it has seen; default false. */
  readonly observe?: boolean | undefined
  /** The interpreter that must load the flows; default any. */
  readonly expected?: ExpectedInterpreter | undefined
  /** Called with how far it is: `loading modules: 12 of 67, flows/etl.py`. */
  readonly onProgress?: ((text: string) => void) | undefined
}

/** The result of {@link loadFlows}. */
export interface LoadedFlows {
  readonly flows: readonly LoadedFlow[]
  readonly versions: FlowVersions
  /** Files of the repository that flows import when they run; empty if they go by value. */
  readonly helpers: LoadResult['helpers']
  /** Files of the repository whose modules are inside the pickles. */
  readonly inPickles: LoadResult['inPickles']
  /** Problems of modules and flows: if there are any, the flows are incomplete. */
  readonly problems: readonly FlowstoreError[]
  /** The flows that are left out of flows.json, and why. */
  readonly unregistrable: readonly FlowstoreError[]
  /** Imports that would fail in a run: the module is neither in the repository nor installed. */
  readonly missing: LoadResult['missing']
  /** Calls of modules that had no effect. */
  readonly calls: LoadResult['calls']
  /** Flow modules that took long to import. */
  readonly slow: LoadResult['slow']
  /** Flows that hold the value of a variable. */
  readonly revealed: LoadResult['revealed']
  /** Modules without a flow, and what in them would build one. */
  readonly flowless: LoadResult['flowless']
  /** Flows that no entrypoint can name, and why. */
  readonly unaddressable: LoadResult['unaddressable']
  /** Imports of files that the load does not see: {@link LoadOptions.leftOut}. */
  readonly leftOut: LoadResult['leftOut']
  /** Calls in functions that would fail in a run. */
  readonly risks: LoadResult['risks']
  /** Requirements in the Docker storages of modules that can't be imported. */
  readonly dependencies: readonly string[]
  /** How the interpreter differs from the expected one: if it does, nothing was loaded. */
  readonly differences: LoadResult['differences']
  /** What an observed load has seen; null for another, or if it failed. */
  readonly seen: LoadResult['seen']
  /** What the modules printed. */
  readonly log: string
}

const NO_VERSIONS: FlowVersions = { python: '', prefect: '', cloudpickle: '' }

function flowsOf({ result, files }: Loaded, versions: FlowVersions): LoadedFlow[] {
  return result.flows.map(flow => {
    if ('entrypoint' in flow) {
      const details = flow.details as EntrypointDetails
      return { ...flow, details, versions, storage: null, runImage: null }
    }
    const { file, serialized, ...rest } = flow
    const written = (path: string): Buffer => {
      const content = files.get(path)
      if (content !== undefined) return content
      throw new FlowstoreError('LOAD_FAILED', `${path} of flow "${flow.name}" is missing`)
    }
    return {
      ...rest,
      bytes: written(file),
      versions,
      serialized:
        serialized === null
          ? undefined
          : parsedFile(written(serialized), serializedSchema, `flow "${flow.name}"`)
    }
  })
}

/**
 * @param unregistrable how many flows have none because Prefect can't give it
 * @throws FlowstoreError LOAD_FAILED for another flow without the fields for its registration
 */
function requireSerialized(
  flows: readonly LoadedFlow[],
  { prefect }: FlowVersions,
  unregistrable: number
): void {
  if (!rulesFor(prefect).documents.includes('flows.json')) return
  const without = flows.filter(
    flow => flow.entrypoint === undefined && flow.serialized === undefined
  )
  const [incomplete] = without
  if (incomplete === undefined || without.length <= unregistrable) return
  throw new FlowstoreError(
    'LOAD_FAILED',
    `flow "${incomplete.name}" was loaded without the fields for flows.json`,
    {
      file: incomplete.module,
      line: incomplete.line
    }
  )
}

/**
 * Imports modules with a Python, and serializes every flow that they bind.
 *
 * @returns the flows, and every problem of every module: the flows are complete only if there is none. No flow
 * at all is the problem FLOW_NOT_FOUND
 * @throws FlowstoreError LOAD_FAILED if Python gives no result, UNSUPPORTED_PREFECT
 */
export async function loadFlows(
  python: PythonLoader,
  {
    modules,
    variables = {},
    importRoots = [],
    helpers,
    carriedTo,
    storageLabels,
    leftOut = [],
    missedHint,
    beside = [],
    observe = false,
    expected,
    onProgress
  }: LoadOptions
): Promise<LoadedFlows> {
  const { pickleProtocols, flowsJson } = LOAD_SETTINGS
  const hide = hiding(Object.values(variables))
  const request = {
    modules,
    variables,
    importRoots,
    helpers,
    carriedTo: carriedTo ?? null,
    pickleProtocols,
    storageOptions: storageOptions(),
    leftOut,
    beside,
    observe,
    expect: expected ?? null,
    flowsJson: storageLabels ? { ...flowsJson, labels: storageLabels } : null
  }
  const loaded = await hidingErrors(hide, () =>
    // A module can print such a line too.
    python.load(request, ({ done, count, file }) =>
      onProgress?.(`loading modules: ${done} of ${count}, ${hide(file)}`)
    )
  )
  const { result } = loaded
  const { differences, dependencies, calls, slow, flowless, unaddressable, seen } = result
  const problems = await Promise.all(
    result.problems.map(async problem => {
      const hint = (await missedHint?.(problem)) ?? problem.hint
      return errorOf({ ...problem, hint }, hide)
    })
  )
  const unregistrable = result.unregistrable.map(problem => errorOf(problem, hide))
  const revealed = result.revealed.map(({ variable, flow, where }) => ({
    variable,
    flow: hide(flow),
    where: hide(where)
  }))
  const log = hide(loaded.log)
  const common = {
    problems,
    unregistrable,
    flowless,
    unaddressable,
    dependencies,
    differences,
    calls,
    slow,
    revealed,
    seen,
    log
  }
  if (differences.length > 0) {
    const nothing = { flows: [], helpers: [], inPickles: [], missing: [], leftOut: [], risks: [] }
    return { ...common, ...nothing, versions: NO_VERSIONS }
  }
  if (problems.length === 0 && result.versions === null) {
    problems.push(new FlowstoreError('LOAD_FAILED', 'the loader returned no versions'))
  }
  const versions = result.versions ?? NO_VERSIONS
  const flows = flowsOf(loaded, versions)
  if (problems.length === 0) {
    if (storageLabels) requireSerialized(flows, versions, unregistrable.length)
    if (flows.length === 0) {
      const { flowsAre } = rulesFor(versions.prefect).generation
      problems.push(noFlow(modules, flowless, unaddressable, flowsAre))
    }
  }
  const { helpers: files, inPickles, missing, leftOut: imported, risks } = result
  return {
    ...common,
    flows,
    versions,
    helpers: files,
    inPickles,
    missing,
    leftOut: imported,
    risks
  }
}

const errorOf = (
  { code, message, file, line, detail, hint }: LoadProblem,
  hide: Hide
): FlowstoreError =>
  blamingDisk(
    new FlowstoreError(code, hide(message), {
      file: file ?? undefined,
      line: line ?? undefined,
      detail: detail === null ? undefined : hide(detail),
      hint: hint === null ? undefined : hide(hint)
    })
  )

/** Hides values in the text of an error: it may quote what modules printed. */
async function hidingErrors<T>(hide: Hide, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw hidingIn(error, hide)
  }
}
