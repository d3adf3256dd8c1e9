import type { JsonObject } from './yaml.js'

/** What Prefect says of a flow beside its name. */
export interface EntrypointDetails {
  /** `flow.version`: by default a hash of the file. */
  readonly version: string | null
  readonly description: string | null
  readonly isAsync: boolean
  readonly isGenerator: boolean
  readonly retries: number | null
  readonly retryDelaySeconds: unknown
  readonly timeoutSeconds: number | null
  /** As `parameter_schema(flow)` of Prefect gives it to the API. */
  readonly parameterSchema: JsonObject
}

/** A flow that a deployment can be made of. */
export interface DeployableFlow {
  readonly name: string
  /** Relative to the project folder: `flows/orders.py:orders`, or a module path. */
  readonly entrypoint: string
  /** The module that it comes from, relative to the source root. */
  readonly module: string
  readonly line: number
  /** Changes with all that the flow is made from. */
  readonly key: string
  readonly details: EntrypointDetails
}
