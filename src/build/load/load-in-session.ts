import { hostname } from 'node:os'
import { loadFlows, type LoadedFlows, type LoadOptions } from '../../flows/load.js'
import { REPOSITORY_FOLDER } from '../../image/flow-layer.js'
import { STORAGE_KINDS } from '../../prefect/storage-kinds.js'
import { storageLabels } from '../../storage/flows-json.js'
import type { IncrementalLoad } from '../incremental/changed.js'
import type { BuildInputs } from '../inputs.js'
import type { Services } from '../services.js'
import { networkNotice, openText } from './isolation.js'
import { missedSourceHint } from './missed-source.js'
import { outsideSourcesHint } from './module-elsewhere.js'
import { withOwnPackages } from './own-package.js'
import type { LoadSession } from './session.js'
import { withLibraryHint } from './system-library.js'

/** Loaded flows, and the session that loaded them, which can still check them. */
export interface SessionFlows {
  readonly loaded: LoadedFlows
  readonly session: LoadSession
  /** Where they come from; undefined if all modules were loaded together. */
  readonly incremental?: IncrementalLoad | undefined
}

/**
 * Loads flow modules with a session, and takes flows from an earlier image.
 *
 * @param options of a load of all modules
 * @param loadAll loads them, with or without an observation
 */
export type LoadIncrementally = (
  session: LoadSession,
  options: LoadOptions,
  loadAll: (observe: boolean) => Promise<LoadedFlows>
) => Promise<IncrementalLoad>

/**
 * Loads the flows of a build with an open session.
 *
 * @param incrementally default all modules are loaded
 */
export async function loadInSession(
  inputs: BuildInputs,
  session: LoadSession,
  services: Services,
  incrementally?: LoadIncrementally
): Promise<SessionFlows> {
  const { options } = inputs
  const { log } = services
  log.progress('loading modules')
  const load: LoadOptions = {
    ...sessionLoad(inputs, session),
    missedHint: async ({ absent, message }) =>
      (await missedSourceHint(inputs, absent)) ?? outsideSourcesHint(inputs, message),
    expected: session.kind === 'interpreter' ? session.expected : undefined,
    onProgress: log.progress.bind(log)
  }
  const loadAll = (observe: boolean) => loadFlows(session.session, { ...load, observe })
  const incremental = await incrementally?.(session, load, loadAll)
  const loaded = incremental?.loaded ?? (await loadAll(options.incremental === 'verify'))
  const isAnswered = incremental === undefined || incremental.modules.loaded > 0
  if (session.kind === 'interpreter' && isAnswered && loaded.differences.length === 0) {
    const { isolation } = session.session
    const open = openText(isolation)
    const notice = networkNotice(options, isolation)
    if (notice !== undefined) log.notice(notice)
    else if (open !== undefined) log.info(`While they are loaded, ${open}`)
  }
  const printed = loaded.log.trimEnd()
  if (printed !== '') log.debug(printed)
  for (const { file, seconds } of loaded.slow) {
    log.info(`The import of ${file} took ${seconds.toFixed(1)} s`)
  }
  const problems = await withOwnPackages(loaded.problems, inputs.sources, inputs.requirements)
  const hinted = session.kind === 'interpreter' ? problems.map(withLibraryHint) : problems
  return { loaded: { ...loaded, problems: hinted }, session, incremental }
}

/** How the modules of a build are loaded with a session. */
export function sessionLoad(inputs: BuildInputs, session: LoadSession): LoadOptions {
  const { options, modules, importRoots, loadVariables } = inputs
  const inImage = STORAGE_KINDS[options.storage].flowsIn === 'image'
  return {
    modules,
    variables: loadVariables,
    importRoots,
    helpers: inImage ? 'reference' : 'value',
    carriedTo: inImage ? REPOSITORY_FOLDER : undefined,
    storageLabels: storageLabels(options.storage, hostname()),
    leftOut: pythonLeftOut(inputs, session)
  }
}

/** The Python files that are no sources; none for a session that works in the repository's own folder. */
const pythonLeftOut = ({ leftOut }: BuildInputs, session: LoadSession): string[] =>
  session.kind === 'interpreter' && session.expected === undefined
    ? []
    : leftOut.map(({ file }) => file.path).filter(path => path.endsWith('.py'))
