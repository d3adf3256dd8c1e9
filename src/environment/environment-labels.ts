import { KEY_LABEL, labelJson, type Labels } from '../image/labels.js'
import { ancestrySchema } from '../python/protocol/ancestry.js'
import * as z from '../util/schema.js'

const FACTS_LABEL = 'io.flowstore.environment'

const factsSchema = z.object({
  key: z.string(),
  /** Reference of the base image, such as `python:3.6`. */
  base: z.string(),
  /** Digest of the base image in its registry; absent if it is in none, such as that of a user's Dockerfile. */
  baseDigest: z.string().optional(),
  /** `major.minor.micro`. */
  python: z.string(),
  prefect: z.string(),
  /** `platform.machine()`, such as `x86_64`. */
  machine: z.string(),
  /** Every distribution: its normalized name, to its version. */
  packages: z.record(z.string(), z.string()),
  /** The Dockerfile of the image. */
  dockerfile: z.string(),
  /**
   * The command that was started in it, such as `prefect version`; absent if no run needs one, and for a platform on which
   * nothing was started.
   */
  started: z.string().optional(),
  /** Instructions that run after the flows are added. */
  late: z.array(z.string()),
  /** The folders for flows and modules, with their parent folders. */
  folders: z.record(z.string(), ancestrySchema),
  /** Where its packages are, for a Python outside it; absent if that is not known. */
  site: z
    .object({
      /** The folders that packages are imported from, without links, in the order of the search. */
      folders: z.array(z.string()),
      /** How many layers are below those with packages: those of its base image, and bytecode of its standard library. */
      baseLayers: z.number().int(),
      /** The C library: `glibc 2.36` or `musl`. */
      libc: z.string()
    })
    .optional()
})

/** The facts about an environment image in its label. */
export type EnvironmentFacts = z.infer<typeof factsSchema>

/** The labels of an environment image. */
export const environmentLabels = (facts: EnvironmentFacts): Labels => ({
  [KEY_LABEL]: facts.key,
  [FACTS_LABEL]: JSON.stringify(facts)
})

/** The facts in the labels of an environment image, or of an image on one; undefined if there are none. */
export const environmentFacts = (labels: Labels): EnvironmentFacts | undefined =>
  factsSchema.safeParse(labelJson(labels[FACTS_LABEL])).data

/**
 * Reads the facts about an environment image from its labels.
 *
 * @param key the key that the image was looked up by; an image with another key is refused
 */
export function readEnvironmentLabels(labels: Labels, key: string): EnvironmentFacts | undefined {
  const facts = environmentFacts(labels)
  return facts?.key === key && labels[KEY_LABEL] === key ? facts : undefined
}
