import { platformProblem } from '../util/platform.js'
import * as z from '../util/schema.js'
import { nearest } from '../util/text.js'

/**
 * Arguments of an image build: `build_kwargs` of Prefect's Docker storage (from 0.11.5). They are the
 * arguments of docker-py's `build` that make sense here, under the same names.
 */
export interface BuildKwargs {
  /** Build arguments of the user's Dockerfile. */
  readonly buildargs?: Readonly<Record<string, string>> | undefined
  /** Stage of the user's Dockerfile to build on. */
  readonly target?: string | undefined
  /** Labels of the image. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Network of the steps, such as `host`. */
  readonly network_mode?: string | undefined
  /** `os/architecture`, such as `linux/amd64`. */
  readonly platform?: string | undefined
  /** Whether the build cache is ignored. */
  readonly nocache?: boolean | undefined
  /** Whether the images that the user's Dockerfile names are pulled again. */
  readonly pull?: boolean | undefined
  /** Host name to address, for `/etc/hosts` of the steps. */
  readonly extra_hosts?: Readonly<Record<string, string>> | undefined
  /** Bytes of /dev/shm, for the steps. */
  readonly shmsize?: number | undefined
}

/**
 * The arguments in the key of an environment image. Labels are in the key of the image with flows instead: a
 * label with the commit must not cause a new install.
 */
export const environmentKwargs = (kwargs: BuildKwargs): BuildKwargs => ({
  ...kwargs,
  nocache: undefined,
  labels: undefined
})

/**
 * The arguments for steps on top of the image of the user's Dockerfile: all except those that only a
 * Dockerfile uses.
 */
export const addedStepKwargs = ({
  labels,
  network_mode,
  platform,
  nocache,
  extra_hosts,
  shmsize
}: BuildKwargs): BuildKwargs => ({ labels, network_mode, platform, nocache, extra_hosts, shmsize })

/** How the names of flowstore's own labels begin. Nobody else sets one. */
export const RESERVED_LABELS = 'io.flowstore.'

/** Whether a label is one of flowstore's own. */
export const isReservedLabel = (name: string): boolean => name.startsWith(RESERVED_LABELS)

const texts = z.record(z.string(), z.string())

const schema = z.strictObject({
  buildargs: texts.optional(),
  target: z.string().optional(),
  labels: texts.optional(),
  network_mode: z.string().optional(),
  platform: z.string().optional(),
  nocache: z.boolean().optional(),
  pull: z.boolean().optional(),
  extra_hosts: texts.optional(),
  shmsize: z.number().int().positive().optional(),
  // Prefect passes these two itself. Here the containers of steps are always removed.
  rm: z.boolean().optional(),
  forcerm: z.boolean().optional()
})

const NAMES = Object.keys(schema.shape)

/**
 * Reads the option `build-kwargs`.
 *
 * @param text a JSON object
 * @returns the arguments, or what is wrong with the text
 */
export function parseBuildKwargs(text: string): BuildKwargs | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `is not a JSON object: ${(error as Error).message}`
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) {
    const { platform } = parsed.data
    const problem = platform === undefined ? undefined : platformProblem(platform)
    if (problem !== undefined) return `is wrong: ${problem}`
    const reserved = Object.keys(parsed.data.labels ?? {}).find(isReservedLabel)
    return reserved === undefined
      ? parsed.data
      : `sets the label ${reserved}: names that begin with ${RESERVED_LABELS} are flowstore's own`
  }
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const near = nearest(key, NAMES)
    return `has no '${key}'${near ? `; did you mean '${near}'?` : `; it takes ${NAMES.join(', ')}`}`
  }
  return `is wrong: ${z.faultText(parsed.error, value)}`
}
