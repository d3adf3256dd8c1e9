import type { BuildKwargs } from '../../docker/build-kwargs.js'
import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import { parseReference, withTag } from '../../registry/reference.js'
import type { Registries } from '../../registry/registries.js'
import { buildFlowImage } from '../flow-image.js'
import type { ImageMetadata } from '../metadata.js'
import type { ImageRepository } from '../repository.js'
import { daemonTags, pushOwnTag } from './push.js'
import type { ImageSink } from './sink.js'

/** Options of {@link daemonSink}. */
export interface DaemonSinkOptions {
  readonly daemon: Daemon
  /** Reference of the environment image, which the daemon has. */
  readonly base: string
  /** Instructions that run after the flows are added. */
  readonly lateInstructions: readonly string[]
  readonly buildKwargs: BuildKwargs
  readonly metadata: ImageMetadata
  /** Reads the flows back in a container of the built image. */
  readonly check: (imageId: string) => Promise<void>
  /** For the push; null for no push. */
  readonly registries: Registries | null
  /** The repository of the push if its API can be used from here: then the daemon pushes the image's own tag only. */
  readonly repository: ImageRepository | undefined
  readonly log: Log
}

/** Builds the image with the daemon, and pushes it under its own tag if `registries` is set. */
export function daemonSink(options: DaemonSinkOptions): ImageSink<string> {
  const { daemon, base, lateInstructions, buildKwargs, metadata, registries, log } = options
  return {
    assemble: content =>
      log.phase('build', () =>
        buildFlowImage(
          daemon,
          { base, lateInstructions, buildKwargs, labels: metadata.labels },
          content,
          log
        )
      ),
    check: id => options.check(id),
    publish: async (id, { repository, tag, tags }) => {
      const reference = withTag(parseReference(repository), tag)
      await daemon.tag(id, reference).catch(async (error: unknown) => {
        // Reports the failure of the tag, even if the image can't be removed.
        await daemon.removeImage(id).catch(() => undefined)
        throw error
      })
      const withDaemon = daemonTags({ daemon, reference, tags, registries, log })
      if (registries === null) return { pushed: null, tags: withDaemon }
      const { digest, inRegistry } = await log.phase('push', () =>
        pushOwnTag({ daemon, reference, registries, log }, options.repository, tags)
      )
      return { pushed: { digest, platforms: [] }, tags: inRegistry ?? withDaemon }
    },
    discard: id => daemon.removeImage(id)
  }
}
