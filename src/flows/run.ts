/** What came of a flow's run. */
export interface FlowRunResult {
  /** Class name of Prefect's final state, such as `Success` or `Failed`; null where there is none. */
  readonly state: string | null
  readonly successful: boolean
  readonly message: string | null
  /** The traceback of what kept the flow from running, or null. */
  readonly detail: string | null
}

/** Runs one flow where its storage keeps it, until its final state. */
export type EnvRunner = (options?: {
  /** Variables beside those of the environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, unknown>>
}) => Promise<FlowRunResult>

/** A flow as its storage keeps it: in an image, in a file of this machine, or as its bytes. */
export type StoredFlow =
  | { readonly name: string; readonly image: string; readonly path: string }
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly content: Buffer }

/** Gives the runner of a stored flow: `imageRunner`, `interpreterRunner`. */
export type FlowRunner = (flow: StoredFlow) => EnvRunner
