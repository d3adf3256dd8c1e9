import { rmSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareRecords, type Comparison } from '../../src/build/incremental/records.js'
import { observeBuild, type ObservedBuild } from '../../src/build/incremental/verify.js'
import type { BuildInputs } from '../../src/build/inputs.js'
import { sessionLoad } from '../../src/build/load/load-in-session.js'
import type { LoadSession } from '../../src/build/load/session.js'
import { loadFlows } from '../../src/flows/load.js'
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

/** One session of an interpreter, and the folder of its sources, whose content changes between builds. */
export interface IncrementalSession {
  readonly root: string
  /** Makes the files those of the repository. */
  readonly write: (files: Files) => void
  /** Loads the repository as a build with `incremental: verify` does. */
  readonly build: (more?: BuildMore) => Promise<ObservedBuild>
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
  const session: LoadSession = {
    kind: 'interpreter',
    session: await interpreter.open(),
    why: 'the test asks for it',
    expected: undefined
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
      return observeBuild({ inputs, image: null, loaded, session }, silentLog())
    },
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
    options: options(raw),
    sources,
    modules: modules ?? inFlows,
    loadVariables: variables
  }
}

/** What the records of one build are worth in a later one. */
export const compared = (before: ObservedBuild, now: ObservedBuild): Comparison =>
  compareRecords(before.records, now.modules, now.keyNow)
