import { posix } from 'node:path'
import { identityOf, type LoadedFlow } from '../../flows/flow.js'
import type { LoadedFlows } from '../../flows/load.js'
import { sameJson } from '../../options/module-rules.js'

/** A load of one module by itself, which was observed. */
export interface ModuleLoad {
  readonly file: string
  readonly loaded: LoadedFlows
}

/** Loads that a load of all modules together would not just put beside each other. */
class Conflict extends Error {}

/**
 * The loads of all modules as one load, as the loader would give it for all modules together.
 *
 * @param loads in the order of the modules
 * @returns as a clause why only a load of all modules together can tell
 */
export function mergeLoads(loads: readonly ModuleLoad[]): LoadedFlows | string {
  try {
    return merged(loads)
  } catch (error) {
    if (error instanceof Conflict) return error.message
    throw error
  }
}

function merged(all: readonly ModuleLoad[]): LoadedFlows {
  const { flows, loads } = withoutCopies(all)
  const [first] = all
  if (first === undefined || flows.length === 0) throw new Conflict('no module has a flow')
  const { versions } = first.loaded
  const other = all.find(({ loaded }) => !sameJson(loaded.versions, versions))
  if (other !== undefined) throw new Conflict(`another release has loaded ${other.file}`)
  requireSameTreatment(loads)
  const parts = loads.map(({ loaded }) => loaded)
  return {
    flows,
    versions,
    helpers: mergedHelpers(loads),
    inPickles: sorted(unique(parts.flatMap(({ inPickles }) => inPickles))),
    problems: [],
    unregistrable: parts.flatMap(({ unregistrable }) => unregistrable),
    missing: withFlows(
      parts.flatMap(({ missing }) => missing),
      ({ file, line, module }) => [file, line, module]
    ),
    calls: unique(parts.flatMap(({ calls }) => calls)),
    slow: parts.flatMap(({ slow }) => slow),
    revealed: parts.flatMap(({ revealed }) => revealed),
    flowless: mergedFlowless(parts),
    unaddressable: unique(parts.flatMap(({ unaddressable }) => unaddressable)),
    leftOut: withFlows(
      parts.flatMap(({ leftOut }) => leftOut),
      ({ file, line, path }) => [file, line, path]
    ),
    risks: withFlows(
      parts.flatMap(({ risks }) => risks),
      ({ file, line, kind, name }) => [file, line, kind, name]
    ),
    dependencies: [],
    differences: [],
    seen: null,
    log: parts.map(({ log }) => log).join('')
  }
}

interface FoundFlow {
  readonly file: string
  readonly flow: LoadedFlow
}

/**
 * The flows of all loads, each once: a flow that a module imports from another flow module is that module's. The loads
 * don't speak of the others any more.
 */
function withoutCopies(loads: readonly ModuleLoad[]): {
  readonly flows: readonly LoadedFlow[]
  readonly loads: readonly ModuleLoad[]
} {
  const found = new Map<string, FoundFlow[]>()
  for (const { file, loaded } of loads) {
    for (const flow of loaded.flows) {
      const identity = identityOf(flow)
      found.set(identity, [...(found.get(identity) ?? []), { file, flow }])
    }
  }
  const homes = new Map<string, FoundFlow>()
  for (const [identity, same] of found) homes.set(identity, homeOf(same))
  const own = loads.map(({ file, loaded }): ModuleLoad => {
    const flows = loaded.flows.filter(flow => homes.get(identityOf(flow))?.file === file)
    if (flows.length === loaded.flows.length) return { file, loaded }
    if (flows.length === 0) throw new Conflict(`${file} only has flows of other flow modules`)
    const names = new Set(flows.map(({ name }) => name))
    const ofOwn = <Entry extends { readonly flows: string[] }>(entries: readonly Entry[]) =>
      entries
        .map(entry => ({ ...entry, flows: entry.flows.filter(name => names.has(name)) }))
        .filter(entry => entry.flows.length > 0)
    return {
      file,
      loaded: {
        ...loaded,
        flows,
        missing: ofOwn(loaded.missing),
        leftOut: ofOwn(loaded.leftOut),
        risks: ofOwn(loaded.risks),
        revealed: loaded.revealed.filter(({ flow }) => names.has(flow)),
        unregistrable: loaded.unregistrable.filter(({ file: of }) => of === file)
      }
    }
  })
  return { flows: [...homes.values()].map(({ flow }) => flow), loads: own }
}

function homeOf(same: readonly FoundFlow[]): FoundFlow {
  const [first, second] = same
  if (first === undefined) throw new Conflict('there is no flow')
  if (second === undefined) return first
  const homes = same.filter(({ file, flow }) => file === flow.module)
  const isOne = same.every(
    ({ flow }) =>
      flow.entrypoint === undefined &&
      flow.module === first.flow.module &&
      flow.line === first.flow.line
  )
  const [home] = homes
  if (home === undefined || homes.length > 1 || !isOne) {
    throw new Conflict(`the flow "${first.flow.name}" is in ${first.file} and in ${second.file}`)
  }
  return home
}

/**
 * Refuses loads that treat a file in different ways: a file that goes beside the flows in one and into pickles in
 * another, or a name that means different things.
 */
function requireSameTreatment(loads: readonly ModuleLoad[]): void {
  const pickled = new Map<string, string>()
  for (const { file, loaded } of loads) {
    for (const each of loaded.inPickles) if (!pickled.has(each)) pickled.set(each, file)
  }
  for (const { file, loaded } of loads) {
    const own = new Set(loaded.inPickles)
    const used = [
      ...loaded.helpers.map(helper => helper.file),
      ...loaded.flows.flatMap(({ closure }) => closure.files)
    ]
    const other = used.find(each => !own.has(each) && pickled.has(each))
    if (other === undefined) continue
    throw new Conflict(`${other} goes into pickles of ${pickled.get(other) ?? ''}, not of ${file}`)
  }
  const foreign = new Set(loads.flatMap(({ loaded }) => loaded.seen?.foreign ?? []))
  const meanings = new Map<string, string>()
  for (const { loaded } of loads) {
    for (const { path } of loaded.helpers) {
      for (const [name, meaning] of namesIn(path)) {
        if (foreign.has(name)) throw new Conflict(`${name} is also the name of another package`)
        if ((meanings.get(name) ?? meaning) !== meaning) {
          throw new Conflict(`${name} is a package for one module and not for another`)
        }
        meanings.set(name, meaning)
      }
    }
  }
}

/** The modules that a file beside the flows stands for: itself, and the packages around it. */
function namesIn(path: string): readonly (readonly [name: string, meaning: string])[] {
  const parts = path.split('/')
  const base = (parts.pop() ?? '').split('.')[0] ?? ''
  const packages = parts.map(
    (_, index) => [parts.slice(0, index + 1).join('.'), 'package'] as const
  )
  return base === '__init__' ? packages : [...packages, [[...parts, base].join('.'), path] as const]
}

function mergedHelpers(loads: readonly ModuleLoad[]): LoadedFlows['helpers'] {
  const helpers = new Map<string, string>()
  for (const { loaded } of loads) {
    for (const { file, path } of loaded.helpers) {
      const other = helpers.get(path) ?? file
      if (other !== file) throw new Conflict(`${other} and ${file} go to ${posix.normalize(path)}`)
      helpers.set(path, file)
    }
  }
  return sorted([...helpers.keys()]).map(path => ({ file: helpers.get(path) ?? '', path }))
}

/** What would build flows, and did not in any module. */
function mergedFlowless(parts: readonly LoadedFlows[]): LoadedFlows['flowless'] {
  const called = new Map<string, Set<string>>()
  for (const { file, name } of parts.flatMap(({ seen }) => seen?.called ?? [])) {
    called.set(file, (called.get(file) ?? new Set()).add(name))
  }
  return parts.flatMap(({ flowless, seen }) =>
    flowless.map(entry => {
      const names = called.get(entry.file)
      const builders = seen?.builders[entry.file] ?? []
      const left = builders.filter(functions => !functions.some(name => names?.has(name)))
      if (left.length === builders.length) return entry
      if (left.length > 0) throw new Conflict(`other modules call functions of ${entry.file}`)
      return { file: entry.file, seen: [], factories: [] }
    })
  )
}

/** Entries of the same place as one, with all their flows, in the order of the places. */
function withFlows<Entry extends { readonly flows: string[] }>(
  entries: readonly Entry[],
  placeOf: (entry: Entry) => readonly (string | number)[]
): Entry[] {
  const found = new Map<string, Entry>()
  for (const entry of entries) {
    const place = JSON.stringify(placeOf(entry))
    const flows = [...(found.get(place)?.flows ?? []), ...entry.flows]
    found.set(place, { ...entry, flows: unique(flows) })
  }
  return [...found.values()].sort((one, other) => compared(placeOf(one), placeOf(other)))
}

function compared(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] ?? ''
    if (part !== against) return part < against ? -1 : 1
  }
  return 0
}

const unique = <Value>(values: readonly Value[]): Value[] => [
  ...new Map(values.map(value => [JSON.stringify(value), value])).values()
]

const sorted = (texts: readonly string[]): string[] =>
  [...texts].sort((one, other) => (one < other ? -1 : 1))
