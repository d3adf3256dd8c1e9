import type { Readable } from 'node:stream'
import Dockerode from 'dockerode'
import type { Credentials } from '../../registry/auth/credentials.js'
import { referenceText, type Reference } from '../../registry/reference.js'
import type { ImageBuild } from '../image-build.js'
import { connectionOptions, type EngineAddress } from '../engine/address.js'
import type { TimeLimits } from '../engine/time-limits.js'
import { processScope } from '../../util/scope.js'
import { connectionFault, DaemonError, NoAnswer } from '../daemon-error.js'
import type { Engine } from '../engine/engine.js'
import { buildImage, type BuildFollower } from './build-image.js'
import { registryLogin } from '../registry-login.js'
import { openBuildSession } from './build-session.js'
import { LayerProgress } from './layers.js'
import { followProgress, type ProgressEvent } from './progress.js'

/**
 * The requests about images that use dockerode: those with a stream of progress, which are BuildKit's builds, pulls and
 * pushes.
 *
 * Every method throws {@link DaemonError}.
 */
export class Images {
  constructor(
    private readonly address: EngineAddress,
    private readonly engine: Engine
  ) {}

  /**
   * Builds an image; see {@link buildImage}.
   *
   * @throws FlowstoreError FILE_CHANGED, FILE_UNREADABLE for files of the context
   */
  build(image: ImageBuild, follow: BuildFollower): Promise<string | undefined> {
    return this.request('building the image', 'progress', async ({ docker, signal, onLife }) => {
      const session = await openBuildSession(this.engine, image.secrets ?? new Map())
      try {
        return await buildImage(docker, image, {
          ...follow,
          session: session.id,
          signal,
          onEvent: onLife,
          onSent: bytes => {
            onLife()
            follow.onSent(bytes)
          }
        })
      } finally {
        session.end()
      }
    })
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
    const name = referenceText(reference)
    await this.request(`pulling ${name}`, 'progress', async ({ docker, signal, onLife }) => {
      const stream = await docker.pull(name, {
        abortSignal: signal,
        ...(platform === undefined ? {} : { platform }),
        ...(credentials === undefined ? {} : loginFor(reference, credentials))
      })
      const onLayer = layersTo(onProgress)
      await followProgress(stream as Readable, event => {
        onLife()
        onLayer(event)
      })
    })
  }

  /** @returns the digest of the pushed image, if the daemon gives it */
  push(
    reference: Reference,
    credentials: Credentials | undefined,
    onProgress: OnProgress
  ): Promise<string | undefined> {
    const name = referenceText(reference)
    return this.request(`pushing ${name}`, 'progress', async ({ docker, signal, onLife }) => {
      let digest: string | undefined
      // Old daemons refuse a push without a login header, which may be empty.
      const stream = await docker.getImage(name).push({
        tag: reference.tag,
        abortSignal: signal,
        ...loginFor(reference, credentials)
      })
      const onLayer = layersTo(onProgress)
      await followProgress(stream as Readable, event => {
        onLife()
        onLayer(event)
        digest = event.aux?.Digest ?? digest
      })
      return digest
    })
  }

  /**
   * Does some work, with docker-modem's errors as DaemonErrors.
   */
  private async request<T>(
    doing: string,
    limit: keyof TimeLimits,
    work: (request: ImageRequest) => Promise<T>
  ): Promise<T> {
    const milliseconds = this.engine.limits[limit]
    const abort = new AbortController()
    const silence = setTimeout(() => {
      abort.abort(new NoAnswer(milliseconds))
    }, milliseconds)
    const docker = dockerode(this.address)
    // A push must be over before its tag is put back.
    const leave = processScope.defer(() => {
      abort.abort()
    })
    try {
      return await work({ docker, signal: abort.signal, onLife: () => void silence.refresh() })
    } catch (error) {
      abort.abort()
      const reason: unknown = abort.signal.reason
      throw reason instanceof NoAnswer ? connectionFault(reason, doing) : translated(error, doing)
    } finally {
      leave()
      clearTimeout(silence)
    }
  }
}

/** One request with dockerode. */
interface ImageRequest {
  readonly docker: Dockerode
  /** Ends it. */
  readonly signal: AbortSignal
  /** To call with each sign of life. */
  readonly onLife: () => void
}

function dockerode(address: EngineAddress): Dockerode {
  const options = connectionOptions(address)
  return new Dockerode(address.kind === 'socket' ? options : { ...options, protocol: address.kind })
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
const loginFor = (reference: Reference, credentials: Credentials | undefined) => ({
  // The type requires a name and a password, but the daemon also accepts an identity token.
  authconfig: registryLogin(reference, credentials) as Dockerode.AuthConfigObject
})

/** docker-modem's error for an answer with an error status. */
interface ModemError extends Error {
  readonly statusCode?: number
  readonly json?: { readonly message?: string } | null
}

/** docker-modem's error as a DaemonError. */
function translated(error: unknown, doing: string): unknown {
  const { statusCode: status, json, message } = error as ModemError
  if (error instanceof DaemonError || status === undefined) return connectionFault(error, doing)
  const words = json?.message ?? message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '')
  return new DaemonError(words.trim(), { status, doing, cause: error })
}
