import { throwAll, type FlowstoreError } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { Log } from '../../log.js'
import type { Options } from '../../options/options.js'

/** A module whose flows are left out because it can't be loaded. */
export interface FailedModule {
  readonly file: string
  readonly line?: number | undefined
  readonly message: string
}

/** Errors that one module causes, and that say nothing about the others. */
const OF_ONE_MODULE = ['MODULE_IMPORT', 'MODULE_SYNTAX', 'OTHER_GENERATION', 'FLOW_SERIALIZE']

const isOfOneModule = ({ code, file }: FlowstoreError): boolean =>
  file !== undefined && OF_ONE_MODULE.includes(code)

/** Flows, and the modules that have none because they can't be loaded. */
export interface UsableFlows {
  readonly loaded: LoadedFlows
  readonly failed: readonly FailedModule[]
}

/**
 * The flows of a load without those of modules that can't be loaded, if `on-load-error` is `warn`.
 *
 * @throws FlowstoreErrors every problem with `error`; with `warn` if one is not of a single module, or if no flow is left
 */
export function usableFlows(
  loaded: LoadedFlows,
  { onLoadError }: Pick<Options, 'onLoadError'>
): UsableFlows {
  const { problems, flows } = loaded
  if (onLoadError === 'error' || flows.length === 0 || !problems.every(isOfOneModule)) {
    throwAll(problems)
  }
  const failed = problems.map(({ file = '', line, message, hint }) => ({
    file,
    line,
    message: hint === undefined ? message : `${message} ${hint}`
  }))
  return { loaded: { ...loaded, problems: [] }, failed }
}

/** Warns of modules whose flows an image does not have. */
export function warnOfFailed(failed: readonly FailedModule[], log: Log): void {
  for (const { file, line, message } of failed) {
    log.notice({
      level: 'warning',
      message: `the flows of ${file} are left out: it can't be loaded: ${message}`,
      file,
      line
    })
  }
}
