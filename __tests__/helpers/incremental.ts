import { rmSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareRecords, type Comparison } from '../../src/build/incremental/records.js'
import { structures } from '../../src/build/incremental/observe.js'
import { observeBuild, type ObservedBuild } from '../../src/build/incremental/verify.js'
import type { BuildInputs } from '../../src/build/inputs.js'
import { sessionLoad } from '../../src/build/load/load-in-session.js'
import { loadKeys } from '../../src/build/incremental/records.js'
import { loadChanged, type IncrementalLoad } from '../../src/build/incremental/changed.js'
import type { LoadSession } from '../../src/build/load/session.js'
import type { LoadedFlow } from '../../src/flows/flow.js'
import { loadFlows, type LoadedFlows } from '../../src/flows/load.js'
import type { EarlierLoads, LoadRecords } from '../../src/image/load-records.js'
import { rulesFor } from '../../src/prefect/releases.js'
import type { PythonSession } from '../../src/python/loader.js'
import type { ReadableFlow } from '../../src/python/protocol/readable-flow.js'
import { sha256 } from '../../src/util/hash.js'
import { silentLog } from '../../src/log.js'
import type { RawOptions } from '../../src/options/options.js'
import { interpreterPython } from '../../src/python/interpreter.js'
import type { FlowModule } from '../../src/sources/modules.js'
import { chooseSources } from '../../src/sources/choose.js'
import { listSources } from '../../src/sources/listing.js'
import { noSources } from '../../src/sources/sources.js'
import { temporaryFolder, writeFiles } from './flowstore.js'
import { inputsOf, options } from './stages.js'

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>

/** The generations of Prefect that modules are for. */
export type Generation = 'pickled' | 'entrypoints'

/** A module with a flow whose parameter has the value of an expression as its default. */
export const flowWith = (
  generation: Generation,
  name: string,
  code: string,
  expression: string
): string =>
  generation === 'pickled'
    ? `from prefect import Flow, Parameter, task\n${code}\n@task\ndef use(p):\n    return p\nwith Flow("${name}") as flow:\n    use(Parameter("p", default=${expression}))\n`
    : `from prefect import flow\n${code}\n@flow(name="${name}")\ndef ${name}(p=${expression}):\n    return p\n`

/** What differs from a build of all flow modules below `flows`. */
export interface BuildMore {
  readonly raw?: RawOptions
  readonly variables?: Readonly<Record<string, string>>
  readonly modules?: readonly FlowModule[]
}

/** A build with `incremental: auto`, as one that comes after it sees it. */
export interface AutoBuild extends IncrementalLoad {
  readonly earlier: EarlierLoads
}

/** One session of an interpreter, and the folder of its sources, whose content changes between builds. */
export interface IncrementalSession {
  readonly root: string
  /** Makes the files those of the repository. */
  readonly write: (files: Files) => void
  /** Loads the repository as a build with `incremental: verify` does. */
  readonly build: (more?: BuildMore) => Promise<ObservedBuild>
  /** Loads it as a build with `incremental: auto` does, after an earlier one. */
  readonly auto: (earlier: EarlierLoads | string, more?: BuildMore) => Promise<AutoBuild>
  /** Loads all modules together, as a build with `incremental: off` does. */
  readonly off: (more?: BuildMore) => Promise<LoadedFlows>
  /** The structures of its flows, by `identityOf`. */
  readonly structures: (loaded: LoadedFlows) => Readonly<Record<string, string>>
  /** Has the release read flows back. */
  readonly readsBack: (loaded: LoadedFlows) => Promise<void>
  readonly close: () => Promise<void>
}

export async function incrementalSession(python: string): Promise<IncrementalSession> {
  const root = temporaryFolder()
  const interpreter = interpreterPython({
    python,
    sources: noSources(root),
    env: process.env,
    envVars: {}
  })
  let folders: readonly string[] = []
  const session: LoadSession = {
    kind: 'interpreter',
    session: await interpreter.open(),
    why: 'the test asks for it',
    expected: undefined,
    close: () => Promise.resolve()
  }
  return {
    root,
    write: files => {
      for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true })
      writeFiles(root, files)
    },
    build: async (more = {}) => {
      const inputs = await inputsIn(root, more)
      const loaded = await loadFlows(session.session, {
        ...sessionLoad(inputs, session),
        observe: true
      })
      folders = loaded.seen?.folders ?? []
      return observeBuild({ inputs, image: null, loaded, session }, silentLog())
    },
    auto: async (earlier, more = {}) => {
      const inputs = await inputsIn(root, more)
      const load = sessionLoad(inputs, session)
      const built = await loadChanged({
        python: session.session,
        options: load,
        keys: await loadKeys(inputs, null, session.kind),
        earlier,
        loadAll: () => loadFlows(session.session, { ...load, observe: true }),
        isLoadedAgain: () => false,
        log: silentLog()
      })
      return { ...built, earlier: asEarlier(built) }
    },
    off: async (more = {}) =>
      loadFlows(session.session, sessionLoad(await inputsIn(root, more), session)),
    structures: ({ flows }) => structures(flows, folders),
    readsBack: ({ flows, versions }) => readBack(session.session, root, flows, versions.prefect),
    close: () => session.session.close()
  }
}

async function inputsIn(
  root: string,
  { raw = {}, variables = {}, modules }: BuildMore
): Promise<BuildInputs> {
  const { sources } = chooseSources(await listSources(root), { rules: [], flows: [], named: [] })
  const inFlows = sources.files
    .filter(({ path }) => /^flows\/\w+\.py$/.test(path))
    .map(({ path }) => ({ file: path, flows: null, explicit: false }))
  return {
    ...inputsOf(),
    options: options({ ...raw }),
    sources,
    modules: modules ?? inFlows,
    loadVariables: variables
  }
}

/** What a later build reads of an image. */
function asEarlier({ records, loaded }: IncrementalLoad): EarlierLoads {
  const pickles = loaded.flows.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]))
  return {
    records: JSON.parse(JSON.stringify(records ?? NO_RECORDS)) as LoadRecords,
    pickles: new Map(pickles.map(pickle => [sha256(pickle), pickle])),
    checkedIn: 'runner'
  }
}

const NO_RECORDS: LoadRecords = { common: '', together: null, modules: [] }

async function readBack(
  session: PythonSession,
  root: string,
  flows: readonly LoadedFlow[],
  release: string
): Promise<void> {
  const readable = flows.map(({ name, bytes, entrypoint }): ReadableFlow =>
    bytes === undefined
      ? { kind: 'entrypoint', name, entrypoint: entrypoint ?? '', folder: null }
      : { kind: 'bytes', name, bytes, content: 'pickle' }
  )
  const modules = (await listSources(root)).files
    .filter(({ path }) => path.startsWith('lib/'))
    .map(({ path, size }) => ({ source: join(root, path), path, size }))
  const checks = { storage: null, serialize: true, results: false }
  const result =
    rulesFor(release).generation.flowsAre === 'pickles'
      ? await session.check(readable, checks, modules)
      : await session.check(readable, checks)
  const failed = result.flows.filter(({ ok }) => !ok)
  if (failed.length > 0) throw new Error(JSON.stringify(failed))
}

/** Everything that a load gives, without pickles, as text. */
export const resultOf = ({ flows, helpers, inPickles, ...rest }: LoadedFlows): object => {
  const { missing, leftOut, risks, calls, flowless, unaddressable, revealed, versions } = rest
  return {
    flows: flows.map(flow => ({ ...flow, bytes: undefined })),
    ...{ helpers, inPickles, missing, leftOut, risks, flowless, unaddressable, revealed, versions },
    calls: [...calls].map(each => JSON.stringify(each)).sort()
  }
}

/** What the records of one build are worth in a later one. */
export const compared = (before: ObservedBuild, now: ObservedBuild): Comparison =>
  compareRecords(before.records, now.modules, now.keys.keyNow)
