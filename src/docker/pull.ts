import { FlowstoreError } from '../errors.js'
import type { FindCredentials } from '../registry/credentials.js'
import type { Daemon } from './connect.js'
import { daemonWords, followProgress } from './progress.js'
import { parseReference } from '../registry/reference.js'

/** An image to pull, and what to say where that fails. */
export interface Pull {
  readonly reference: string
  readonly findCredentials: FindCredentials
  /** `os/architecture`; default the daemon's. */
  readonly platform?: string | undefined
  /** What the image is to a person. */
  readonly what: string
  /** What to do about the daemon's words. */
  readonly hint: (words: string, registry: string) => string
}

/**
 * Pulls an image into the daemon, with the login that docker has for its registry.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
 */
export async function pullImage(
  daemon: Daemon,
  { reference, findCredentials, platform, what, hint }: Pull
): Promise<void> {
  const { registry } = parseReference(reference)
  const credentials = await findCredentials(registry)
  try {
    const docker = await daemon.docker()
    const stream = await docker.pull(reference, {
      ...(platform === undefined ? {} : { platform }),
      ...(credentials ? { authconfig: { serveraddress: registry, ...credentials } } : {})
    })
    await followProgress(docker, stream)
  } catch (error) {
    const words = daemonWords(error)
    throw new FlowstoreError('BASE_IMAGE_PULL', `${what} ${reference} can't be pulled: ${words}`, {
      hint: hint(words, registry),
      cause: error
    })
  }
}
