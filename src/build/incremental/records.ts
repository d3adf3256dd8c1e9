import type { LoadRecord } from '../../image/load-records.js'
import { hashedSources, type HashedSource } from '../../sources/sources-hash.js'
import { sha256Json } from '../../util/hash.js'
import { commonKey } from '../flow-keys.js'
import type { BuildInputs } from '../inputs.js'
import type { LoadSession } from '../load/session.js'
import type { PlannedImage } from '../look-up.js'
import type { ObservedModule } from './observe.js'

/** The key that a record would have if its module had the same inputs now; undefined if it can't be told. */
export type KeyNow = (record: Pick<ObservedModule, 'file' | 'inputs'>) => string | undefined

/** The keys of the loads of flow modules. */
export interface LoadKeys {
  /** Hash of what all keys cover. */
  readonly common: string
  readonly keyNow: KeyNow
}

/**
 * Keys of the loads of flow modules. A key covers the environment, the options, the list of flow modules, the path of
 * every source, and the content of the sources that the load opened. So a source that is added or removed changes all
 * keys: it could hide a module, or be one that an import did not find before.
 */
export async function loadKeys(
  inputs: BuildInputs,
  image: Pick<PlannedImage, 'environment'> | null,
  where: LoadSession['kind']
): Promise<LoadKeys> {
  const entries = await hashedSources(inputs.sources)
  const paths = [...entries.values()].map(([path, executable, content, isFile]) => [
    path,
    executable,
    isFile ? null : content
  ])
  const common = sha256Json([
    await commonKey(inputs, image),
    where,
    inputs.modules,
    inputs.importRoots,
    inputs.leftOut.map(({ file }) => file.path).filter(path => path.endsWith('.py')),
    paths
  ])
  const keyNow: KeyNow = ({ file, inputs: opened }) => {
    const contents = opened.map(path => contentOf(entries.get(path)))
    return contents.includes(undefined) ? undefined : sha256Json([common, file, opened, contents])
  }
  return { common, keyNow }
}

/** The hash of a file; undefined for a link, since what is opened is never one. */
const contentOf = (entry: HashedSource | undefined): string | undefined =>
  entry?.[3] ? entry[2] : undefined

/** The load of all modules in one process. */
export interface LoadTogether {
  /** The structures of its flows, by `identityOf`. */
  readonly flows: Readonly<Record<string, string>>
  /** What it has done that another load could see, or null. */
  readonly changes: string | null
}

/**
 * The records of observed modules, which were loaded after all of them together. If a load has changed what others see,
 * no module is known.
 */
export const recordsOf = (
  modules: readonly ObservedModule[],
  together: LoadTogether,
  keyNow: KeyNow
): readonly LoadRecord[] =>
  modules.map(module => {
    const { file, inputs, flows } = module
    const why =
      module.why ?? together.changes ?? firstChange(modules) ?? interaction(flows, together.flows)
    const key = why === null ? keyNow(module) : undefined
    return {
      ...{ file, inputs: [...inputs], key: key ?? null, flows, load: null },
      why: key === undefined ? (why ?? NO_SOURCE) : null
    }
  })

/** Why a module has no key. */
export const NO_SOURCE = 'it reads a file that is no source'

/** The first of what modules have done that others could see, as a clause; null for none. */
function firstChange(modules: readonly ObservedModule[]): string | null {
  const changing = modules.find(({ changes }) => changes !== null)
  return changing === undefined ? null : `${changing.file}: ${changing.changes ?? ''}`
}

/** Why the flows of a module are not those that it has beside the others. */
function interaction(
  flows: ObservedModule['flows'],
  together: Readonly<Record<string, string>>
): string | null {
  const differing = Object.keys(flows).find(
    name => together[name] !== undefined && together[name] !== flows[name]
  )
  return differing === undefined ? null : `other modules change its flow "${differing}"`
}

/** What the records of an earlier build are worth. */
export interface Comparison {
  /** Modules that would not be loaded again. */
  readonly reused: readonly string[]
  /** Flows of these that are different now: what was recorded would be wrong. */
  readonly wrong: readonly { readonly file: string; readonly flow: string }[]
  /** Why a module would be loaded again, by its path. */
  readonly loaded: ReadonlyMap<string, string>
}

/** Compares the records of an earlier build with what the modules are now. */
export function compareRecords(
  before: readonly LoadRecord[],
  now: readonly ObservedModule[],
  keyNow: KeyNow
): Comparison {
  const records = new Map(before.map(record => [record.file, record]))
  const loaded = new Map<string, string>()
  const change = firstChange(now) ?? undefined
  for (const { file } of now) {
    const record = records.get(file)
    const why =
      record === undefined
        ? 'there is no record of it'
        : record.key === null
          ? (record.why ?? '')
          : record.key !== keyNow(record)
            ? 'it has changed'
            : change
    if (why !== undefined) loaded.set(file, why)
  }
  const kept = now.filter(({ file }) => !loaded.has(file))
  const wrong = kept.flatMap(({ file, flows }) => {
    const recorded = records.get(file)?.flows ?? {}
    const names = new Set([...Object.keys(recorded), ...Object.keys(flows)])
    return [...names].filter(name => recorded[name] !== flows[name]).map(flow => ({ file, flow }))
  })
  return { reused: kept.map(({ file }) => file), wrong, loaded }
}
