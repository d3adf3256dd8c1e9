import { FlowstoreError } from '../errors.js'
import { daemonWords, followProgress, type Daemon } from '../util/docker.js'
import type { Log } from '../util/log.js'
import { packTar, type TarEntry } from '../util/tar.js'

/** An image to build. */
export interface ImageBuild {
  readonly dockerfile: string
  /** The build context, without the Dockerfile. */
  readonly context: readonly TarEntry[]
  readonly labels?: Readonly<Record<string, string>>
  /** Tag of the result; undefined leaves it without one. */
  readonly tag?: string | undefined
}

/** A build that failed: which step, and what was printed until then. */
export class BuildFailure extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[],
    options: ErrorOptions
  ) {
    super(message, options)
  }
}

/**
 * Builds an image with BuildKit (Docker Engine API, "Build an image", version 2); the context is
 * streamed to the daemon.
 *
 * @returns the image's id
 * @throws BuildFailure when a step fails, FlowstoreError IMAGE_BUILD when there is no image at the end
 */
export async function buildImage(
  { docker }: Daemon,
  { dockerfile, context, labels, tag }: ImageBuild,
  log: Log
): Promise<string> {
  const tar = packTar([{ path: 'Dockerfile', content: dockerfile }, ...context])
  const lines: string[] = []
  let id: string | undefined
  try {
    const stream = await docker.buildImage(tar, {
      version: '2',
      dockerfile: 'Dockerfile',
      ...(tag === undefined ? {} : { t: tag }),
      ...(labels === undefined ? {} : { labels: { ...labels } })
    })
    await followProgress(docker, stream, event => {
      id = event.aux?.ID ?? id
      for (const line of (event.stream ?? '').split('\n')) {
        if (line === '') continue
        lines.push(line)
        log.debug(line)
      }
    })
  } catch (error) {
    throw new BuildFailure(daemonWords(error), lines, { cause: error })
  }
  // A daemon without BuildKit's ids, or one that lost the image: never go on with nothing.
  if (id === undefined) {
    throw new FlowstoreError('IMAGE_BUILD', 'the build ended without an image', {
      detail: lines.slice(-20).join('\n') || undefined
    })
  }
  return id
}
