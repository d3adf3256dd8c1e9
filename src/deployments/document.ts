import { FlowstoreError } from '../errors.js'
import * as z from '../util/schema.js'
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
  readonly flows: readonly DeploymentsFlow[]
  readonly deployments: readonly Deployment[]
}

const text = z.string()
const nullable = z.string().nullable()
const object = z.record(z.string(), z.unknown())

const SHAPE = z.looseObject({
  version: z.literal(1),
  prefect: text,
  image: nullable,
  imageRef: nullable,
  path: text,
  flows: z.array(
    z.looseObject({ name: text, entrypoint: text, key: text, parameterSchema: object })
  ),
  deployments: z.array(
    z.looseObject({
      name: text,
      flow: text,
      entrypoint: text,
      image: nullable,
      body: object,
      triggers: z.array(object),
      sla: z.array(object)
    })
  )
})

/**
 * Reads the text of a `deployments.json`.
 *
 * @param file the path for errors
 * @throws FlowstoreError STORAGE_INVALID if it is none
 */
export function parseDeployments(text: string, file: string): DeploymentsDocument {
  const hint = 'Use the deployments.json that a build wrote.'
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new FlowstoreError(
      'STORAGE_INVALID',
      `${file} is not JSON: ${(error as Error).message}`,
      {
        file,
        hint,
        cause: error
      }
    )
  }
  const result = SHAPE.safeParse(json)
  if (result.success) return json as DeploymentsDocument
  const [issue] = result.error.issues
  throw new FlowstoreError(
    'STORAGE_INVALID',
    `${file} is no deployments.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    { file, hint }
  )
}
