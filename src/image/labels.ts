import { gunzipSync, gzipSync } from 'node:zlib'
import * as z from '../util/schema.js'
import { VERSION } from '../version.js'

/** The labels of an image. */
export type Labels = Readonly<Record<string, string>>

/** Label that holds the key of an image. */
export const KEY_LABEL = 'io.flowstore.key'

const STORAGE_LABEL = 'io.flowstore.storage'
const BUILD_LABEL = 'io.flowstore.build'
const FLOWS_LABEL = 'io.flowstore.flows'
const DEPLOYMENTS_LABEL = 'io.flowstore.deployments'

/** The JSON in a label; undefined if there is none. */
export function labelJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

/** Where flows were read back; see `Report.checkedIn`. */
const checkedIn = z.enum(['image', 'cell', 'runner']).nullable().default(null)

/** {@link checkedIn} as a type. */
export type CheckedIn = z.infer<typeof checkedIn>

const recordSchema = z.object({
  /** The commit that the image was made from; null if that is not known. */
  commit: z.string().nullable(),
  /** RFC 3339; null if that is not known. */
  created: z.string().nullable(),
  /** The base image. Its digest is null if it is in no registry. */
  base: z.object({ reference: z.string(), digest: z.string().nullable() }),
  /** The packages of each platform. */
  platforms: z.array(
    z.object({ platform: z.string(), packages: z.record(z.string(), z.string()) })
  ),
  /** Whether instructions of the user ran after the packages were listed. */
  isExtended: z.boolean(),
  /** See `provenanceOf`; null for an image of the library's `Docker`. */
  provenance: z.record(z.string(), z.unknown()).nullable()
})

/** What labels, SBOM and provenance say of an image, from the build that made it. */
export type BuildRecord = Readonly<z.infer<typeof recordSchema>>

const builtSchema = z.object({
  flows: z.array(
    z.object({
      name: z.string(),
      module: z.string(),
      line: z.number().int(),
      location: z.string(),
      size: z.number().int(),
      /** SHA-256 of the flow's file, in hexadecimal: its pickle, or its module. Null if it is not known. */
      sha256: z.string().nullable().default(null),
      /** See `flowKeys`; null if the flow has none. */
      key: z.string().nullable(),
      /** What Prefect 2 and 3 know of the flow. */
      details: z.record(z.string(), z.unknown()).optional()
    })
  ),
  versions: z.object({ python: z.string(), prefect: z.string(), cloudpickle: z.string() }),
  dockerfile: z.string(),
  checkedIn,
  /** Modules whose flows are left out, since they can't be loaded. */
  failed: z
    .array(z.object({ file: z.string(), line: z.number().int().optional(), message: z.string() }))
    .default([]),
  /** Flows that no entrypoint can name, and why. */
  unaddressable: z
    .array(
      z.object({ name: z.string(), file: z.string(), line: z.number().int(), why: z.string() })
    )
    .default([]),
  /** The one of several platforms that the flows were read back on; null for none, and for an image of one platform. */
  checkedOn: z.string().nullable().default(null),
  /** What labels, SBOM and provenance say of the image. Null without an image. */
  record: recordSchema.nullable().default(null)
})

/** {@link builtSchema} in a label. */
const labelSchema = builtSchema.extend({ hasTemplate: z.boolean(), flowstore: z.string() })

/**
 * What the report says of a build, except its storage: flows, versions, Dockerfile. Labels store it for later
 * builds of the same input.
 */
export interface BuildDescription extends z.infer<typeof builtSchema> {
  /** See `flowsTemplate`. */
  readonly flowsTemplate: string | null
  /** The text of `deployments.json`; null for flows without deployments. */
  readonly deployments: string | null
}

const compressed = (text: string): string => gzipSync(text).toString('base64')
const decompressed = (label: string | undefined): string =>
  gunzipSync(Buffer.from(label ?? '', 'base64')).toString('utf8')

/** The labels of an image with flows: its key, its storage as JSON, and the rest of the build. */
export const imageLabels = (
  key: string,
  storage: object,
  { flowsTemplate, deployments, ...rest }: BuildDescription
): Labels => ({
  [KEY_LABEL]: key,
  [STORAGE_LABEL]: JSON.stringify(storage),
  [BUILD_LABEL]: compressed(
    JSON.stringify({ ...rest, hasTemplate: flowsTemplate !== null, flowstore: VERSION })
  ),
  // In a separate label: inside the other it would be megabytes of JSON in JSON.
  ...(flowsTemplate === null ? {} : { [FLOWS_LABEL]: compressed(flowsTemplate) }),
  ...(deployments === null ? {} : deploymentsLabel(deployments))
})

/** The label with the text of a `deployments.json`. */
export const deploymentsLabel = (text: string): Labels => ({
  [DEPLOYMENTS_LABEL]: compressed(text)
})

/** A {@link BuildDescription} and its storage, as the labels of an image with flows have them. */
export interface LabelledBuild {
  readonly storage: unknown
  readonly built: BuildDescription
}

/** Reads the labels of an image; undefined if they are incomplete or have another key. */
export function readImageLabels(labels: Labels, key: string): LabelledBuild | undefined {
  if (labels[KEY_LABEL] !== key) return undefined
  const storage = labelJson(labels[STORAGE_LABEL])
  let text: string
  let flowsTemplate: string | null
  try {
    text = decompressed(labels[BUILD_LABEL])
    flowsTemplate = labels[FLOWS_LABEL] === undefined ? null : decompressed(labels[FLOWS_LABEL])
  } catch {
    return undefined
  }
  const built = labelSchema.safeParse(labelJson(text))
  if (storage === undefined || !built.success) return undefined
  if (built.data.hasTemplate !== (flowsTemplate !== null)) return undefined
  const described = builtSchema.parse(built.data)
  const deployments = readDeploymentsLabel(labels)
  return { storage, built: { ...described, flowsTemplate, deployments } }
}

/** The text of the `deployments.json` in the labels of an image; null if they have none. */
export function readDeploymentsLabel(labels: Labels): string | null {
  try {
    const label = labels[DEPLOYMENTS_LABEL]
    return label === undefined ? null : decompressed(label)
  } catch {
    return null
  }
}

const keysSchema = z.object({
  flowstore: z.string(),
  flows: z.array(z.object({ name: z.string(), key: z.string().nullable() }))
})

/** The keys of the flows of an image, each with its flow's name, or as a clause why there are none. */
export type FlowKeysRead =
  | {
      readonly keys: ReadonlyMap<string, string>
      readonly why?: never
      readonly isExpected?: never
    }
  | {
      readonly keys?: never
      readonly why: string
      /** Whether that happens in the normal course of things. */
      readonly isExpected: boolean
    }

/** Reads the keys of flows from the labels of any image. */
export function readFlowKeys(labels: Labels): FlowKeysRead {
  if (labels[BUILD_LABEL] === undefined) {
    return { why: 'it is no image of flowstore', isExpected: false }
  }
  let json: unknown
  try {
    json = labelJson(decompressed(labels[BUILD_LABEL]))
  } catch {
    json = undefined
  }
  const read = keysSchema.safeParse(json)
  if (!read.success || read.data.flowstore !== VERSION) {
    return { why: 'another version of flowstore built it', isExpected: true }
  }
  const keys = read.data.flows.flatMap(({ name, key }) =>
    key === null ? [] : [[key, name] as const]
  )
  return keys.length === 0
    ? { why: 'its flows have no keys: the Docker of the library stored them', isExpected: false }
    : { keys: new Map(keys) }
}
