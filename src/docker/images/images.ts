import type { Readable } from 'node:stream'
import Dockerode from 'dockerode'
import type { Credentials } from '../../registry/auth/credentials.js'
import { referenceText, type Reference } from '../../registry/reference.js'
import type { ImageBuild } from '../image-build.js'
import { connectionOptions, type EngineAddress } from '../engine/address.js'
import { connectionFault, DaemonError } from '../daemon-error.js'
import { buildImage, type BuildFollower } from './build-image.js'
import { LayerProgress } from './layers.js'
import { followProgress, type ProgressEvent } from './progress.js'

/**
 * The requests about images that use dockerode: those with a stream of progress (BuildKit's builds, pulls,
 * pushes) and those with a registry's login.
 *
 * Every method throws {@link DaemonError}.
 */
export class Images {
  private readonly docker: Dockerode

  constructor(address: EngineAddress) {
    const options = connectionOptions(address)
    this.docker = new Dockerode(
      address.kind === 'socket' ? options : { ...options, protocol: address.kind }
    )
  }

  /**
   * Builds an image; see {@link buildImage}.
   *
   * @throws FlowstoreError FILE_CHANGED, FILE_UNREADABLE for files of the context
   */
  build(image: ImageBuild, follow: BuildFollower): Promise<string | undefined> {
    return translated(buildImage(this.docker, image, follow))
  }

  /**
   * @param platform `os/architecture`; default the daemon's
   * @param onProgress called with how far it is; see {@link LayerProgress}
   */
  async pull(
    reference: Reference,
    credentials: Credentials | undefined,
    platform: string | undefined,
    onProgress: OnProgress
  ): Promise<void> {
    const pulling = async (): Promise<void> => {
      const stream = await this.docker.pull(referenceText(reference), {
        ...(platform === undefined ? {} : { platform }),
        ...(credentials === undefined ? {} : loginFor(reference, credentials))
      })
      await followProgress(stream as Readable, layersTo(onProgress))
    }
    await translated(pulling())
  }

  /** @returns the digest of the pushed image, if the daemon gives it */
  push(
    reference: Reference,
    credentials: Credentials | undefined,
    onProgress: OnProgress
  ): Promise<string | undefined> {
    const pushing = async (): Promise<string | undefined> => {
      let digest: string | undefined
      const image = this.docker.getImage(referenceText(reference))
      // Old daemons refuse a push without a login header, which may be empty.
      const stream = await image.push({
        tag: reference.tag,
        ...loginFor(reference, credentials)
      })
      const onLayer = layersTo(onProgress)
      await followProgress(stream as Readable, event => {
        onLayer(event)
        digest = event.aux?.Digest ?? digest
      })
      return digest
    }
    return translated(pushing())
  }

  /** The digest that a registry gives for a tag; the daemon sends the request. */
  distributionDigest(reference: Reference, credentials: Credentials | undefined): Promise<string> {
    const asking = async (): Promise<string> => {
      const image = this.docker.getImage(referenceText(reference))
      const answer: unknown = await image.distribution(loginFor(reference, credentials))
      return (answer as { Descriptor: { digest: string } }).Descriptor.digest
    }
    return translated(asking())
  }
}

/** Called with how far some work is, such as `45 of 120 MB, 3 of 8 layers`. */
export type OnProgress = (text: string) => void

function layersTo(onProgress: OnProgress): (event: ProgressEvent) => void {
  const layers = new LayerProgress()
  return ({ layer }) => {
    const text = layer && layers.add(layer)
    if (text !== undefined) onProgress(text)
  }
}

/** A login in the form of dockerode's header. */
const loginFor = ({ registry }: Reference, credentials: Credentials | undefined) => ({
  // The type requires a name and a password, but the daemon also accepts an identity token.
  authconfig: { serveraddress: registry, ...credentials } as Dockerode.AuthConfigObject
})

/** docker-modem's error for an answer with an error status. */
interface ModemError extends Error {
  readonly statusCode?: number
  readonly json?: { readonly message?: string } | null
}

/** The result of some work, with docker-modem's errors as DaemonErrors. */
async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const { statusCode: status, json, message } = error as ModemError
    if (status === undefined) throw connectionFault(error)
    const words = json?.message ?? message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '')
    throw new DaemonError(words.trim(), { status, cause: error })
  }
}
