import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from '../util/schema.js'

/** The labels of an image. */
export type Labels = Readonly<Record<string, string>>

/** Label that holds an image's key. */
export const KEY_LABEL = 'io.flowstore.key'

const ABOUT_LABEL = 'io.flowstore.environment'
const STORAGE_LABEL = 'io.flowstore.storage'
const BUILD_LABEL = 'io.flowstore.build'

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
  late: z.array(z.string())
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
  dockerfile: z.string(),
  /** See `flowsTemplate`. */
  flowsTemplate: z.string().nullable()
})

/** What a build gives back beside its storage, kept with the image. */
export type BuiltFlows = z.infer<typeof builtSchema>

/** The labels of an image with flows: its key, its storage as JSON, and the rest of the build. */
export const imageLabels = (key: string, storage: object, built: BuiltFlows): Labels => ({
  [KEY_LABEL]: key,
  [STORAGE_LABEL]: JSON.stringify(storage),
  [BUILD_LABEL]: gzipSync(JSON.stringify(built)).toString('base64')
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
  try {
    text = gunzipSync(Buffer.from(labels[BUILD_LABEL] ?? '', 'base64')).toString('utf8')
  } catch {
    return undefined
  }
  const built = builtSchema.safeParse(parsed(text))
  return storage !== undefined && built.success ? { storage, built: built.data } : undefined
}
