import { posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { ProbeResult } from '../../python/protocol/protocol.js'
import type { FindCredentials } from '../../registry/auth/credentials.js'
import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import { parseReference } from '../../registry/reference.js'
import { parsePlatform } from '../../util/platform.js'
import { inspected } from './base-digest.js'
import { basePython } from './base-python.js'
import { variablesOf } from '../../image/image-variables.js'

/** A base image in the daemon, and its content. */
export interface BaseImage {
  /** Its reference in the options or by default, such as `python:3.6`. */
  readonly reference: string
  /** The reference for a Dockerfile's FROM that names exactly this image. */
  readonly from: string
  /** The user's own Dockerfile, if the image was built from one. */
  readonly dockerfile?: string
  /** Digest of its manifest; the image's id if it is not from a registry. */
  readonly digest: string
  /** `os/architecture`: a digest may name images of several platforms. */
  readonly platform: string
  /** The user it runs as; empty for root. */
  readonly user: string
  readonly env: Readonly<Record<string, string>>
  /** The SHELL of its RUN instructions; empty for the default. */
  readonly shell: readonly string[]
  /** Command that starts its Python, with {@link BaseImage.firstOnPath}. */
  readonly python: string
  /** Folder that must come first on PATH so that every command gets the Python that the ENTRYPOINT gives. */
  readonly firstOnPath?: string | undefined
  readonly versions: ProbeResult['versions']
  /** How many layers it has. */
  readonly layers: number
}

/** The digest of a base image in its registry; undefined for one that is in none. */
export const registryDigest = ({ from }: Pick<BaseImage, 'from'>): string | undefined =>
  parseReference(from).digest

/** The hint for a base image that can't be pulled. */
export const pullHint =
  (platform: string | undefined) =>
  (words: string, registry: string): string => {
    if (/unauthorized|denied|no basic auth/i.test(words)) {
      return `Log in to ${registry} first (docker login), or check the name: registries give the same answer for images that don't exist.`
    }
    return platform !== undefined && /no matching manifest|operating system or arch/i.test(words)
      ? `Choose another platform in build-kwargs, or a base image for ${platform}.`
      : 'Check base-image; without it the image follows from the Prefect version and python, and not every combination was published. For an image that only the daemon has, set local-image: true.'
  }

/** Repository of the tags that base images without a digest get. */
const BASE_NAME = 'flowstore-base'

/** A base image that the daemon must have. */
export interface BaseImageRequest {
  readonly reference: string
  /** Whether it is taken from the daemon's images and never pulled. */
  readonly local: boolean
  readonly findCredentials: FindCredentials
  /** `os/architecture`; default the daemon's. */
  readonly platform?: string | undefined
}

/**
 * Pulls a base image into the daemon, unless it is local, and inspects it.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL, also for an image of another platform; those of
 * {@link basePython}
 */
export async function baseImage(
  daemon: Daemon,
  request: BaseImageRequest,
  log: Log
): Promise<BaseImage> {
  const { reference, local, platform } = request
  if (!local) await pull(daemon, request, log)
  const { facts, digest } = await inspected(daemon, reference)
  checkPlatform(reference, facts.platform, platform)
  const from =
    digest === undefined
      ? await tagById(daemon, facts.id)
      : `${reference.split('@')[0] ?? reference}@${digest}`
  const { probed, firstOnPath } = await basePython(daemon, reference, facts, log)
  const { executable, versions } = probed
  const prefect = versions.prefect === null ? 'no Prefect' : `Prefect ${versions.prefect}`
  log.info(`Base image ${reference}: Python ${versions.python}, ${prefect}`)
  return {
    reference,
    from,
    digest: digest ?? facts.id,
    platform: facts.platform,
    user: facts.user,
    env: variablesOf(facts.env),
    shell: facts.shell,
    // The loader starts the program of this name on PATH.
    python: posix.basename(executable),
    firstOnPath,
    versions,
    layers: facts.layers
  }
}

const pull = (
  daemon: Daemon,
  { reference, findCredentials, platform }: BaseImageRequest,
  log: Log
): Promise<void> =>
  daemon.pull({
    reference: parseReference(reference),
    findCredentials,
    platform,
    what: 'the base image',
    hint: pullHint(platform),
    onProgress: log.progress.bind(log)
  })

/** Without this check, Docker builds on an image of another platform and labels the result wrongly. */
function checkPlatform(reference: string, found: string, requested: string | undefined): void {
  if (requested === undefined || parsePlatform(requested) === found) return
  throw new FlowstoreError(
    'BASE_IMAGE_PULL',
    `the base image ${reference} is for ${found}, and build-kwargs asks for ${requested}`,
    { hint: `Choose a base image for ${requested}, or leave platform out of build-kwargs.` }
  )
}

/** Tags an image by its id: FROM takes no id. */
export async function tagById(daemon: Daemon, id: string): Promise<string> {
  const name = `${BASE_NAME}:${id.replace('sha256:', '').slice(0, 20)}`
  await daemon.tag(id, parseReference(name))
  return name
}
