import { FlowstoreError } from '../../errors.js'
import { identityOf, type LoadedFlow } from '../../flows/flow.js'
import { loadFlows, type LoadedFlows, type LoadOptions } from '../../flows/load.js'
import type { PythonLoader } from '../../python/loader.js'
import type { ModuleRequest } from '../../python/protocol/protocol.js'
import { sha256Json } from '../../util/hash.js'

/** The load of one flow module in a process of its own. */
export interface ObservedModule {
  readonly file: string
  /** The sources that it opened. */
  readonly inputs: readonly string[]
  /** Why its result may depend on more than their content and the paths of all sources, or null. */
  readonly why: string | null
  /** What it has done that the load of another module could see, or null. */
  readonly changes: string | null
  /** See {@link structureOf}, by `identityOf`. */
  readonly flows: Readonly<Record<string, string>>
  /** What the load gave; null if it failed. */
  readonly loaded: LoadedFlows | null
}

/**
 * Loads each module in a process of its own, which has seen no other module, and observes it.
 *
 * @param options as for a load of all modules
 * @param onModule called before each
 */
export async function observeModules(
  python: PythonLoader,
  options: LoadOptions,
  onModule: (done: number) => void = () => undefined
): Promise<readonly ObservedModule[]> {
  const observed: ObservedModule[] = []
  for (const module of options.modules) {
    onModule(observed.length)
    observed.push(await observeModule(python, module, options))
  }
  return observed
}

/** Loads one of the modules in a process of its own, and observes it. */
export async function observeModule(
  python: PythonLoader,
  module: ModuleRequest,
  options: LoadOptions
): Promise<ObservedModule> {
  const { file } = module
  const beside = options.modules.map(each => each.file).filter(each => each !== file)
  try {
    const loaded = await loadFlows(python, { ...options, modules: [module], beside, observe: true })
    const [problem] = loaded.problems.filter(each => !isFlowless(each, module, loaded))
    if (problem !== undefined) return unknown(file, `it can't be loaded alone: ${problem.message}`)
    if (loaded.seen === null) return unknown(file, 'its load was not observed')
    const { files, why, changes, folders } = loaded.seen
    const flows = structures(loaded.flows, folders)
    return { file, inputs: files, why, changes, flows, loaded }
  } catch (error) {
    if (!(error instanceof FlowstoreError)) throw error
    return unknown(file, `it can't be loaded alone: ${error.message}`)
  }
}

/** A module that no option names may have no flow. */
const isFlowless = (
  { code }: FlowstoreError,
  { explicit }: ModuleRequest,
  { flows }: LoadedFlows
) => code === 'FLOW_NOT_FOUND' && !explicit && flows.length === 0

/** A load that failed may have changed anything. */
const unknown = (file: string, why: string): ObservedModule => ({
  ...{ file, inputs: [], why, changes: why, flows: {}, loaded: null }
})

/** The structures of flows by `identityOf`. */
export const structures = (
  flows: readonly LoadedFlow[],
  folders: readonly string[]
): Readonly<Record<string, string>> =>
  Object.fromEntries(flows.map(flow => [identityOf(flow), structureOf(flow, folders)]))

/**
 * A hash of all that a load says of a flow, except of its pickle: two pickles of the same flow can differ. That is what
 * a registration sends of it, and what Prefect 2 and 3 know of it.
 */
function structureOf(flow: LoadedFlow, folders: readonly string[]): string {
  const text = JSON.stringify({ ...flow, bytes: undefined, closure: undefined })
  const named = folders.map(folder => JSON.stringify(folder).slice(1, -1))
  return sha256Json(named.reduce((left, name, index) => left.replaceAll(name, `{${index}}`), text))
}
