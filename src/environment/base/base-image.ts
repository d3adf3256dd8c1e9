import { posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import { containerPython } from '../../python/container.js'
import type { ProbeResult } from '../../python/protocol.js'
import type { FindCredentials } from '../../registry/auth/credentials.js'
import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import { parseReference } from '../../registry/reference.js'
import { parsePlatform } from '../../util/platform.js'
import { inspected } from './base-digest.js'
import { variablesOf } from '../../image/variables.js'

/** A base image in the daemon, and its content. */
export interface BaseImage {
  /** As it is written, such as `python:3.6`. */
  readonly reference: string
  /** The reference for a Dockerfile's FROM that names exactly this image. */
  readonly from: string
  /** The user's own Dockerfile, if the image was built from one. */
  readonly dockerfile?: string
  /** Digest of its manifest; the image's id if it is not from a registry. */
  readonly digest: string
  /** `os/architecture`: a digest may name images of several. */
  readonly platform: string
  /** The user it runs as; empty for root. */
  readonly user: string
  readonly env: Readonly<Record<string, string>>
  /** Command that starts its Python. */
  readonly python: string
  readonly versions: ProbeResult['versions']
}

/** The hint for a base image that can't be pulled. */
export const pullHint =
  (platform: string | undefined) =>
  (words: string, registry: string): string => {
    if (/unauthorized|denied|no basic auth/i.test(words)) {
      return `Log in to ${registry} first (docker login), or check the name: registries give the same answer for images that don't exist.`
    }
    return platform !== undefined && /no matching manifest|operating system or arch/i.test(words)
      ? `Choose another platform in build-kwargs, or a base image for ${platform}.`
      : 'Check base-image; for an image that only the daemon has, set local-image: true.'
  }

/** Repository of the tags for base images without a digest. */
export const BASE_NAME = 'flowstore-base'

/**
 * Pulls the base image into the daemon, or with `local` takes it from the daemon's images.
 *
 * @param platform `os/architecture`; default the daemon's
 * @throws FlowstoreError BASE_IMAGE_PULL, also for an image of another platform; BASE_IMAGE_PYTHON for one
 * without Python, or one that the daemon can't run
 */
export async function baseImage(
  daemon: Daemon,
  reference: string,
  local: boolean,
  findCredentials: FindCredentials,
  log: Log,
  platform?: string
): Promise<BaseImage> {
  if (!local) {
    const what = 'the base image'
    await daemon.pull({
      reference: parseReference(reference),
      findCredentials,
      platform,
      what,
      hint: pullHint(platform)
    })
  }
  const { facts, digest } = await inspected(daemon, reference)
  const imagePlatform = facts.platform
  // Docker would pull an image of another platform, build on it, and label the result wrongly.
  if (platform !== undefined && parsePlatform(platform) !== imagePlatform) {
    throw new FlowstoreError(
      'BASE_IMAGE_PULL',
      `the base image ${reference} is for ${imagePlatform}, and build-kwargs asks for ${platform}`,
      { hint: `Choose a base image for ${platform}, or leave platform out of build-kwargs.` }
    )
  }
  let from = digest === undefined ? undefined : `${reference.split('@')[0] ?? reference}@${digest}`
  if (from === undefined) {
    // FROM does not accept an id, but a tag made of it.
    from = `${BASE_NAME}:${facts.id.replace('sha256:', '').slice(0, 20)}`
    await daemon.tag(facts.id, parseReference(from))
  }
  const { executable, versions } = await probe(daemon, facts.id, reference, imagePlatform)
  log.info(
    `Base image ${reference}: Python ${versions.python}, ${versions.prefect === null ? 'no Prefect' : `Prefect ${versions.prefect}`}`
  )
  return {
    reference,
    from,
    digest: digest ?? facts.id,
    platform: imagePlatform,
    user: facts.user,
    env: variablesOf(facts.env),
    // The loader starts the Python on PATH, so the name is enough.
    python: posix.basename(executable),
    versions
  }
}

async function probe(daemon: Daemon, id: string, reference: string, platform: string) {
  try {
    return await containerPython(daemon, id).probe()
  } catch (error) {
    const { message, detail } = error as FlowstoreError
    const why = { detail: detail ?? message, cause: error }
    const daemonPlatform = await daemon.platform()
    if (daemonPlatform !== platform && /exec format error/i.test(`${message}\n${detail ?? ''}`)) {
      throw new FlowstoreError(
        'BASE_IMAGE_PYTHON',
        `the base image ${reference} is for ${platform}, and the daemon is ${daemonPlatform} without emulation`,
        {
          ...why,
          hint: `Flows are loaded and checked in the image: use a base image for ${daemonPlatform}, a ${platform} machine, or set up emulation first (docker/setup-qemu-action).`
        }
      )
    }
    throw new FlowstoreError(
      'BASE_IMAGE_PYTHON',
      `the base image ${reference} has no Python 3 that runs`,
      {
        ...why,
        hint: 'Flows are loaded and run by the Python of the base image: choose one that has Python, such as python:3.9.'
      }
    )
  }
}
