import { readFile } from 'node:fs/promises'
import { loadingPython } from '../environment/loading-python.js'
import type { Log } from '../log.js'
import { packageIndexes, withIndexes } from '../packages/indexes.js'
import type { ProjectChoice } from '../packages/lock-files/format.js'
import { readRequirements } from '../packages/read-requirements.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import { noSources } from '../sources/sources.js'
import { userCache } from '../paths.js'
import { unreadable } from '../util/files.js'
import { minorOf } from '../util/minor.js'

/** The interpreter of a run, and the packages that it needs in addition to Prefect. */
export interface InterpreterRequest {
  /** Path of an interpreter, or `major.minor`; default the one that the flow needs. */
  readonly python: string | undefined
  readonly requirementsFile: string | undefined
  readonly choice: ProjectChoice
  readonly pythonDependencies: readonly string[]
  /** Version of the Python that made the storage, if it is known. */
  readonly madeBy: string | undefined
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `major.minor` of the Python that wrote a local flow's file. The file names it from Prefect 0.14.3 on. */
async function pythonOfFile(path: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(`the flow's file ${path}`, error)
  }
  // Earlier releases write a pickle, not JSON.
  const envelope = parsed(text) as { versions?: { python?: string } } | null | undefined
  const version = envelope?.versions?.python
  return version === undefined ? undefined : minorOf(version)
}

/**
 * The path of an interpreter for a flow that is not in an image.
 *
 * @param prefectVersion the Prefect release of its storage
 */
export async function pythonForFlow(
  flow: ReadableFlow,
  prefectVersion: string,
  request: Partial<InterpreterRequest>,
  {
    cwd,
    env,
    log
  }: {
    cwd: string
    env: Readonly<Record<string, string | undefined>>
    log: Log
  }
): Promise<string> {
  const cache = userCache(env)
  const { pythonDependencies = [], requirementsFile, choice, madeBy } = request
  const machine = { env, cache, log }
  const requirements = await readRequirements(
    cwd,
    pythonDependencies,
    requirementsFile,
    machine,
    choice
  )
  // A pickle loads only in the Python that made it.
  const python =
    request.python ??
    (flow.kind === 'file' ? await pythonOfFile(flow.path) : undefined) ??
    (madeBy === undefined ? undefined : minorOf(madeBy))
  const indexes = await packageIndexes({ indexUrl: undefined, extraIndexUrls: [] }, env, new Map())
  // As a build has it, so that what that installed is used again.
  const options = { requirements, indexes: indexes.addresses, env: withIndexes(env, indexes) }
  const sources = noSources(cwd)
  return loadingPython({ python, prefectVersion, sources, cwd, cache, ...options }, log)
}
