import { hostname } from 'node:os'
import { loadFlows, type LoadedFlows, type LoadOptions } from '../../flows/load.js'
import { REPOSITORY_FOLDER } from '../../image/flow-layer.js'
import { STORAGE_KINDS } from '../../prefect/storage-kinds.js'
import { storageLabels } from '../../storage/flows-json.js'
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
}

/** Loads the flows of a build with an open session. */
export async function loadInSession(
  inputs: BuildInputs,
  session: LoadSession,
  { log }: Services
): Promise<SessionFlows> {
  const { options } = inputs
  log.progress('loading modules')
  const loaded = await loadFlows(session.session, {
    ...sessionLoad(inputs, session),
    missedHint: async ({ absent, message }) =>
      (await missedSourceHint(inputs, absent)) ?? outsideSourcesHint(inputs, message),
    observe: options.incremental !== 'off',
    expected: session.kind === 'interpreter' ? session.expected : undefined,
    onProgress: log.progress.bind(log)
  })
  if (session.kind === 'interpreter' && loaded.differences.length === 0) {
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
  return { loaded: { ...loaded, problems: hinted }, session }
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
