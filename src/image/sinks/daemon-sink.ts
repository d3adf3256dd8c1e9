import type { BuildKwargs } from '../../docker/build-kwargs.js'
import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import type { FindCredentials } from '../../registry/auth/credentials.js'
import { parseReference, withTag } from '../../registry/reference.js'
import { buildFlowImage } from '../flow-image.js'
import { addTags, pushImage } from './push.js'
import type { ImageSink } from './sink.js'

/** Options of {@link daemonSink}. */
export interface DaemonSinkOptions {
  readonly daemon: Daemon
  /** Reference of the environment image, which the daemon has. */
  readonly base: string
  /** Instructions that run after the flows are added. */
  readonly lateInstructions: readonly string[]
  readonly buildKwargs: BuildKwargs
  /** Reads the flows back in a container of the built image. */
  readonly check: (imageId: string) => Promise<void>
  /** For the push; null for no push. */
  readonly credentials: FindCredentials | null
  readonly log: Log
}

/** Builds the image with the daemon, tags it, and pushes it if `credentials` is set. */
export function daemonSink(options: DaemonSinkOptions): ImageSink<string> {
  const { daemon, base, lateInstructions, buildKwargs, credentials, log } = options
  return {
    assemble: content =>
      log.phase('build', () =>
        buildFlowImage(daemon, { base, lateInstructions, buildKwargs }, content, log)
      ),
    check: id => options.check(id),
    publish: async (id, { repository, tag, tags }) => {
      const reference = withTag(parseReference(repository), tag)
      await daemon.tag(id, reference).catch(async (error: unknown) => {
        // Reports the failure of the tag, even if the image can't be removed.
        await daemon.removeImage(id).catch(() => undefined)
        throw error
      })
      const digest =
        credentials === null
          ? null
          : await log.phase('push', () => pushImage(daemon, reference, credentials, log))
      if (tags.length > 0) {
        await log.phase('tags', () => addTags(daemon, reference, tags, credentials, log))
      }
      return digest === null ? null : { digest, platforms: [] }
    },
    discard: id => daemon.removeImage(id)
  }
}
