import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from './yaml.js'

/** A flow in `deployments.json`. */
export interface DeploymentsFlow {
  readonly name: string
  readonly entrypoint: string
  readonly module: string
  readonly line: number
  /** Changes with all that the flow is made from. */
  readonly key: string
  readonly version: string | null
  readonly description: string | null
  readonly isAsync: boolean
  readonly retries: number | null
  readonly retryDelaySeconds: unknown
  readonly timeoutSeconds: number | null
  readonly parameterSchema: JsonObject
}

/** A deployment in `deployments.json`. */
export interface Deployment {
  readonly name: string
  /** Name of the flow. */
  readonly flow: string
  readonly entrypoint: string
  /** The image that its runs use, null for a storage without an image. */
  readonly image: string | null
  /** Whether anything differs from the deployments that it was compared with. */
  readonly changed: boolean
  /** The file that has it, null if it was made for a flow that no file has. */
  readonly file: string | null
  readonly line: number | null
  /** What `POST /deployments/` takes beside `flow_id`. Templates of blocks, variables and env are literal. */
  readonly body: JsonObject
  readonly triggers: readonly JsonObject[]
  readonly sla: readonly JsonObject[]
}

/** The content of `deployments.json`. */
export interface DeploymentsDocument {
  readonly version: 1
  /** The release of Prefect that the flows were loaded with. */
  readonly prefect: string
  readonly image: string | null
  /** The image by its digest. */
  readonly imageRef: string | null
  /** The folder that flows run in. */
  readonly path: string
  /** The files that the deployments were read from, relative to the working directory of the build. */
  readonly files: readonly string[]
  readonly flows: readonly DeploymentsFlow[]
  readonly deployments: readonly Deployment[]
}

/** What a later build compares its deployments with, as JSON has it. */
function comparedPart({ flows, deployments }: DeploymentsDocument): unknown {
  const parts = [
    flows.map(({ entrypoint, key }) => [entrypoint, key]),
    deployments.map(({ name, flow, entrypoint, image, body, triggers, sla }) => [
      ...[name, flow, entrypoint, image, body, triggers, sla]
    ])
  ]
  return JSON.parse(JSON.stringify(parts)) as unknown
}

/** Whether two documents are the same to a later build that compares its deployments with them. */
export const comparesAlike = (one: DeploymentsDocument, other: DeploymentsDocument): boolean =>
  isDeepStrictEqual(comparedPart(one), comparedPart(other))
