import { gunzipSync, gzipSync } from 'node:zlib'
import { ancestrySchema } from '../python/ancestry.js'
import * as z from '../util/schema.js'

/** The labels of an image. */
export type Labels = Readonly<Record<string, string>>

/** Label that holds an image's key. */
export const KEY_LABEL = 'io.flowstore.key'

const ABOUT_LABEL = 'io.flowstore.environment'
const STORAGE_LABEL = 'io.flowstore.storage'
const BUILD_LABEL = 'io.flowstore.build'
const FLOWS_LABEL = 'io.flowstore.flows'

const aboutSchema = z.object({
  key: z.string(),
  /** The base image as it was asked for. */
  base: z.string(),
  /** `major.minor.micro`. */
  python: z.string(),
  prefect: z.string(),
  /** `platform.machine()`, such as `x86_64`. */
  machine: z.string(),
  /** Every distribution: its normalized name, to its version. */
  packages: z.record(z.string(), z.string()),
  /** The Dockerfile that makes the image. */
  dockerfile: z.string(),
  /** Instructions for after the flows. */
  late: z.array(z.string()),
  /** The ways to the folders that flows and modules go into. */
  folders: z.record(z.string(), ancestrySchema)
})

/** What an environment image says of itself in a label. */
export type EnvironmentAbout = z.infer<typeof aboutSchema>

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

/** The label that says what an environment image has. */
export const aboutLabel = (about: EnvironmentAbout): Labels => ({
  [ABOUT_LABEL]: JSON.stringify(about)
})

/**
 * What an environment image says of itself.
 *
 * @param key the key that it was looked for by; an image of another key is not believed
 */
export function readAbout(labels: Labels, key: string): EnvironmentAbout | undefined {
  const about = aboutSchema.safeParse(parsed(labels[ABOUT_LABEL]))
  return about.success && about.data.key === key && labels[KEY_LABEL] === key
    ? about.data
    : undefined
}

const builtSchema = z.object({
  flows: z.array(
    z.object({
      name: z.string(),
      module: z.string(),
      line: z.number().int(),
      location: z.string(),
      size: z.number().int()
    })
  ),
  versions: z.object({ python: z.string(), prefect: z.string(), cloudpickle: z.string() }),
  dockerfile: z.string()
})

/** {@link builtSchema} as a label has it. */
const labelSchema = builtSchema.extend({ hasTemplate: z.boolean() })

/** What a build gives back beside its storage, kept with the image. */
export interface BuiltFlows extends z.infer<typeof builtSchema> {
  /** See `flowsTemplate`. */
  readonly flowsTemplate: string | null
}

const packed = (text: string): string => gzipSync(text).toString('base64')
const unpacked = (label: string | undefined): string =>
  gunzipSync(Buffer.from(label ?? '', 'base64')).toString('utf8')

/** The labels of an image with flows: its key, its storage as JSON, and the rest of the build. */
export const imageLabels = (
  key: string,
  storage: object,
  { flowsTemplate, ...rest }: BuiltFlows
): Labels => ({
  [KEY_LABEL]: key,
  [STORAGE_LABEL]: JSON.stringify(storage),
  [BUILD_LABEL]: packed(JSON.stringify({ ...rest, hasTemplate: flowsTemplate !== null })),
  // As it is: within the other it would be megabytes of JSON in JSON.
  ...(flowsTemplate === null ? {} : { [FLOWS_LABEL]: packed(flowsTemplate) })
})

/**
 * What an image with flows says of itself, or undefined where it says nothing, or is of another key.
 */
export function readImageLabels(
  labels: Labels,
  key: string
): { readonly storage: unknown; readonly built: BuiltFlows } | undefined {
  if (labels[KEY_LABEL] !== key) return undefined
  const storage = parsed(labels[STORAGE_LABEL])
  let text: string
  let flowsTemplate: string | null
  try {
    text = unpacked(labels[BUILD_LABEL])
    flowsTemplate = labels[FLOWS_LABEL] === undefined ? null : unpacked(labels[FLOWS_LABEL])
  } catch {
    return undefined
  }
  const built = labelSchema.safeParse(parsed(text))
  if (storage === undefined || !built.success) return undefined
  const { hasTemplate, ...rest } = built.data
  return hasTemplate === (flowsTemplate !== null)
    ? { storage, built: { ...rest, flowsTemplate } }
    : undefined
}
