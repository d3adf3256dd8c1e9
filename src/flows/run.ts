import type { StoredFlow } from './stored-flow.js'

/** The result of a flow's run. */
export interface FlowRunResult {
  /** Class name of Prefect's final state, such as `Success` or `Failed`; null if the flow did not run. */
  readonly state: string | null
  readonly successful: boolean
  readonly message: string | null
  /** The traceback of the error that prevented the run, or null. */
  readonly detail: string | null
  /** Whether the flow did not run because a parameter is missing or unknown; `message` names it. */
  readonly refused: boolean
  /** Whether the flow could be read; if not, `message` says why. */
  readonly loaded: boolean
}

/** Options of a run. */
export interface RunOptions {
  /** Variables in addition to those of the environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** Runs one flow from its storage. */
export interface EnvRunner {
  /** Runs it once, without its schedule, until its final state. */
  run(options?: RunOptions): Promise<FlowRunResult>
}

/**
 * Creates the runner of a stored flow.
 *
 * @param release the Prefect release of its storage
 */
export type FlowRunner = (flow: StoredFlow, release: string) => EnvRunner
