import { identityOf } from '../../flows/flow.js'
import type { LoadedFlows, LoadOptions } from '../../flows/load.js'
import type { EarlierLoads, LoadRecord, LoadRecords } from '../../image/load-records.js'
import type { CheckedIn } from '../../image/labels.js'
import type { Log } from '../../log.js'
import type { PythonLoader } from '../../python/loader.js'
import { mergeLoads, type ModuleLoad } from './merge.js'
import { observeModule, structures, type ObservedModule } from './observe.js'
import { NO_SOURCE, type LoadKeys } from './records.js'
import { loadFrom, storedLoad } from './stored-load.js'

/** Flows that were taken from an earlier image. */
interface TakenFlows {
  /** By `identityOf`. */
  readonly flows: ReadonlySet<string>
  /** Where that image's flows were read back. */
  readonly checkedIn: CheckedIn
}

/** The flows of a build, some of which may come from an earlier image. */
export interface IncrementalLoad {
  readonly loaded: LoadedFlows
  /** For a later build; undefined if the loads tell it nothing. */
  readonly records: LoadRecords | undefined
  readonly modules: { readonly loaded: number; readonly taken: number }
  readonly taken: TakenFlows
}

/** What {@link loadChanged} works with. */
export interface ChangedLoad {
  readonly python: PythonLoader
  /** For a load of all modules. */
  readonly options: LoadOptions
  readonly keys: LoadKeys
  /** The image whose flows may be taken; a text says as a clause why there are none. */
  readonly earlier: EarlierLoads | string
  /** Loads all modules together. */
  readonly loadAll: () => Promise<LoadedFlows>
  /** Whether what modules set needs another environment, in which they are loaded again. */
  readonly isLoadedAgain: (loaded: LoadedFlows) => boolean
  readonly log: Log
}

const NOTHING_TAKEN: TakenFlows = { flows: new Set(), checkedIn: null }

/** Loads all modules together. */
export const wholeLoad = (
  loaded: LoadedFlows,
  count: number,
  records?: LoadRecords
): IncrementalLoad => ({
  loaded,
  records,
  modules: { loaded: count, taken: 0 },
  taken: NOTHING_TAKEN
})

/**
 * Loads the modules that have changed, each in a process of its own, and takes the flows of the others from an earlier
 * image. In any doubt, all modules are loaded together.
 *
 * Each module's flows are those that it has by itself, whatever was taken: the result depends on the inputs alone. If
 * nothing can be taken, the modules are loaded together too, and both have to give the same.
 */
export async function loadChanged(load: ChangedLoad): Promise<IncrementalLoad> {
  const { earlier, log } = load
  if (typeof earlier === 'string') {
    log.info(`All modules are loaded: ${earlier}`)
    return loadEach(load)
  }
  const why = stillTogether(earlier.records, load.keys)
  if (why !== undefined) {
    log.info(`All modules are loaded together: ${why}`)
    return wholeLoad(await load.loadAll(), count(load), earlier.records)
  }
  const kept = takenLoads(load, earlier)
  if (kept.size === 0) {
    log.info('All modules are loaded: nothing that the earlier image has is made from the same')
    return loadEach(load)
  }
  return loadOthers(load, earlier, kept)
}

const count = ({ options }: ChangedLoad): number => options.modules.length

/** Why the modules of an earlier build had to be loaded together, if that still holds. */
function stillTogether(
  { common, together }: LoadRecords,
  { common: commonNow, keyNow }: LoadKeys
): string | undefined {
  if (together === null || common !== commonNow) return undefined
  const { why, module } = together
  return module === null || keyNow(module) === module.key ? why : undefined
}

/** The loads of an earlier build whose modules are made from the same now, by their paths. */
function takenLoads(
  { options, keys }: ChangedLoad,
  { records, pickles }: EarlierLoads
): ReadonlyMap<string, { readonly record: LoadRecord; readonly loaded: LoadedFlows }> {
  const known = new Map(records.modules.map(record => [record.file, record]))
  const taken = new Map<string, { record: LoadRecord; loaded: LoadedFlows }>()
  for (const { file } of options.modules) {
    const record = known.get(file)
    // A module can forge its record, but not that it is made from itself.
    if (record?.load == null || record.key === null || !record.inputs.includes(file)) continue
    if (record.key !== keys.keyNow(record)) continue
    const loaded = loadFrom(record.load, pickles)
    if (loaded !== undefined) taken.set(file, { record, loaded })
  }
  return taken
}

/** Loads the modules that are not kept, each by itself. */
async function loadOthers(
  load: ChangedLoad,
  { checkedIn }: EarlierLoads,
  kept: ReturnType<typeof takenLoads>
): Promise<IncrementalLoad> {
  const { options, log, keys } = load
  const changed = options.modules.filter(({ file }) => !kept.has(file))
  const observed = await observeUntilDoubt(load, changed)
  if (observed.differing !== undefined) return wholeLoad(observed.differing, count(load))
  if (observed.doubt !== undefined) return together(load, observed.doubt)
  const own = new Map(observed.modules.map(module => [module.file, module]))
  const loads = options.modules.flatMap(({ file }): ModuleLoad[] => {
    const loaded = kept.get(file)?.loaded ?? own.get(file)?.loaded
    return loaded == null ? [] : [{ file, loaded }]
  })
  const merged = mergeLoads(loads)
  if (typeof merged === 'string') return together(load, { why: merged, module: null })
  const records = options.modules.flatMap(({ file }): LoadRecord[] => {
    const module = own.get(file)
    const record = kept.get(file)?.record ?? (module && recordOf(module, keys))
    return record === undefined ? [] : [record]
  })
  log.info(
    `${changed.length} of ${count(load)} modules are loaded; the flows of the others are taken from the earlier image`
  )
  const names = merged.flows.map(identityOf)
  const ofOwn = new Set(observed.modules.flatMap(({ flows }) => Object.keys(flows)))
  return {
    loaded: merged,
    records: { common: keys.common, together: null, modules: records },
    modules: { loaded: changed.length, taken: kept.size },
    taken: { flows: new Set(names.filter(name => !ofOwn.has(name))), checkedIn }
  }
}

/** Loads all modules together, and each by itself: if that gives the same, a later build can take some of them. */
async function loadEach(load: ChangedLoad): Promise<IncrementalLoad> {
  const { options, keys, loadAll, isLoadedAgain, log } = load
  const loaded = await loadAll()
  const all = (doubt: Doubt) => {
    log.info(`Nothing is recorded for a later build: ${doubt.why}`)
    return wholeLoad(loaded, count(load), togetherRecords(load, doubt))
  }
  if (loaded.problems.length > 0 || loaded.differences.length > 0)
    return wholeLoad(loaded, count(load))
  if (isLoadedAgain(loaded)) return wholeLoad(loaded, count(load))
  const { modules, doubt, differing } = await observeUntilDoubt(load, options.modules)
  if (differing !== undefined) return wholeLoad(loaded, count(load))
  if (doubt !== undefined) return all(doubt)
  const merged = mergeLoads(
    modules.flatMap(({ file, loaded: own }) => (own === null ? [] : [{ file, loaded: own }]))
  )
  if (typeof merged === 'string') return all({ why: merged, module: null })
  const changes = loaded.seen === null ? 'the load was not observed' : loaded.seen.changes
  if (changes !== null) return all({ why: changes, module: null })
  const difference = differenceOf(merged, modules, loaded)
  if (difference !== undefined) return all({ why: difference, module: null })
  return {
    ...wholeLoad({ ...merged, log: loaded.log, slow: loaded.slow }, count(load)),
    records: {
      common: keys.common,
      together: null,
      modules: modules.map(module => recordOf(module, keys))
    }
  }
}

/** Why the modules have to be loaded together, and the module that causes it. */
interface Doubt {
  readonly why: string
  readonly module: Pick<ObservedModule, 'file' | 'inputs'> | null
}

async function together(load: ChangedLoad, doubt: Doubt): Promise<IncrementalLoad> {
  load.log.info(`All modules are loaded together: ${doubt.why}`)
  return wholeLoad(await load.loadAll(), count(load), togetherRecords(load, doubt))
}

const togetherRecords = ({ keys }: ChangedLoad, { why, module }: Doubt): LoadRecords => {
  const made = module === null ? null : { file: module.file, inputs: withOwn(module) }
  return {
    common: keys.common,
    together: { why, module: made && { ...made, key: keys.keyNow(made) ?? null } },
    modules: []
  }
}

const withOwn = ({ file, inputs }: Pick<ObservedModule, 'file' | 'inputs'>): string[] => [
  ...new Set([file, ...inputs])
]

/** Modules that were loaded by themselves, up to the first that others may not be told from. */
interface Observed {
  readonly modules: readonly ObservedModule[]
  readonly doubt?: Doubt
  /** A load that says that the interpreter is another one. */
  readonly differing?: LoadedFlows
}

async function observeUntilDoubt(
  { python, options, log }: ChangedLoad,
  wanted: LoadOptions['modules']
): Promise<Observed> {
  const modules: ObservedModule[] = []
  // It would count one module each time.
  const quiet = { ...options, onProgress: undefined }
  for (const module of wanted) {
    log.progress(`loading modules: ${modules.length} of ${wanted.length}, ${module.file}`)
    const observed = await observeModule(python, module, quiet)
    if (observed.loaded !== null && observed.loaded.differences.length > 0) {
      return { modules, differing: observed.loaded }
    }
    if (observed.changes !== null) {
      return { modules, doubt: { why: `${module.file}: ${observed.changes}`, module: observed } }
    }
    modules.push(observed)
  }
  return { modules }
}

/** The record of a module that was loaded by itself. */
function recordOf(module: ObservedModule, { keyNow }: LoadKeys): LoadRecord {
  const { file, flows, loaded } = module
  const inputs = withOwn(module)
  const why = module.why ?? (loaded?.seen == null ? NO_SOURCE : namedFolder(loaded, loaded.seen))
  const key = why === undefined ? keyNow({ file, inputs }) : undefined
  return {
    ...{ file, inputs, flows, key: key ?? null },
    why: key === undefined ? (why ?? NO_SOURCE) : null,
    load: key === undefined || loaded?.seen == null ? null : storedLoad(loaded, loaded.seen)
  }
}

/** Why flows would be others in another run: they have the name of a folder that only this one has. */
function namedFolder(
  loaded: LoadedFlows,
  seen: NonNullable<LoadedFlows['seen']>
): string | undefined {
  const text = JSON.stringify(storedLoad(loaded, seen))
  const isNamed = (folder: string) =>
    text.includes(JSON.stringify(folder).slice(1, -1)) ||
    loaded.flows.some(({ bytes }) => bytes !== undefined && isIn(bytes, folder, seen.files))
  const folder = seen.folders.find(isNamed)
  return folder === undefined ? undefined : `its flows name the folder ${folder} of this run`
}

/** Longest path that is looked for. */
const LONGEST = 4096

/** Whether a pickle names a folder, other than in the path of one of its files: each function has that of its module. */
function isIn(pickle: Buffer, folder: string, files: readonly string[]): boolean {
  const bytes = Buffer.byteLength(folder)
  for (let at = pickle.indexOf(folder); at !== -1; at = pickle.indexOf(folder, at + bytes)) {
    const rest = pickle.subarray(at + bytes, at + bytes + LONGEST).toString('utf8')
    const isFile = files.some(file => {
      const end = rest.indexOf(`/${file}`)
      return end !== -1 && !/\p{Cc}/u.test(rest.slice(0, end))
    })
    if (!isFile) return true
  }
  return false
}

/** What loads of each module by itself give in another way than a load of all, as a clause. */
function differenceOf(
  merged: LoadedFlows,
  modules: readonly ObservedModule[],
  whole: LoadedFlows
): string | undefined {
  const alone = Object.assign({}, ...modules.map(({ flows }) => flows)) as Record<string, string>
  const all = structures(whole.flows, whole.seen?.folders ?? [])
  const names = whole.flows.map(identityOf)
  const other = names.find(name => alone[name] !== all[name])
  if (other !== undefined) return `other modules change the flow "${other}"`
  if (JSON.stringify(names) !== JSON.stringify(merged.flows.map(identityOf))) {
    return 'together they have other flows'
  }
  const differing = FINDINGS.find(name => findings(merged[name]) !== findings(whole[name]))
  return differing === undefined ? undefined : `together they give other ${differing}`
}

/** What a load says beside its flows. */
const FINDINGS = [
  'helpers',
  'inPickles',
  'missing',
  'leftOut',
  'risks',
  'calls',
  'flowless',
  'unregistrable',
  'unaddressable',
  'revealed'
] as const

/** Findings as one text, in any order. */
const findings = (list: readonly unknown[]): string =>
  JSON.stringify(
    list
      .map(entry =>
        JSON.stringify(entry, (key, value: unknown) =>
          key === 'flows' && Array.isArray(value) ? [...(value as unknown[])].sort() : value
        )
      )
      .sort()
  )
