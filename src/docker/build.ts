import { FlowstoreError } from '../errors.js'
import type { BuildKwargs } from './build-kwargs.js'
import type { Daemon } from './connect.js'
import { daemonWords, followProgress } from './progress.js'
import type { Log } from '../log.js'
import { packTar, type TarEntry } from '../util/tar.js'
import { uploading } from './upload.js'

/** What a step prints at the beginning of a line that is for people. */
export const STEP_WORDS = 'flowstore: '

/** An image to build. */
export interface ImageBuild {
  readonly dockerfile: string
  /** The build context, without the Dockerfile. */
  readonly context: readonly TarEntry[]
  readonly labels?: Readonly<Record<string, string>>
  /** Tag of the result; undefined leaves it without one. */
  readonly tag?: string | undefined
  readonly kwargs?: BuildKwargs
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

  /** The error of a build whose end says why it failed. */
  imageBuild(what: string, file?: string): FlowstoreError {
    return new FlowstoreError('IMAGE_BUILD', `${what} can't be built: ${this.message}`, {
      file,
      detail: lastLines(this.lines),
      hint: [this.message, ...this.lines].some(line => /exec format error/i.test(line))
        ? 'The daemon has no emulation for this platform: leave platform out of build-kwargs, use a machine of that platform, or set emulation up first (docker/setup-qemu-action).'
        : undefined,
      cause: this
    })
  }
}

const lastLines = (lines: readonly string[]): string | undefined =>
  lines.slice(-20).join('\n') || undefined

/** Where the Dockerfile lies in the context; a repository's own may be beside it. */
const DOCKERFILE = '.flowstore.Dockerfile'

/** The options that have a value. */
const given = (options: Readonly<Record<string, unknown>>): Record<string, never> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Record<
    string,
    never
  >

/**
 * Builds an image with BuildKit (Docker Engine API, "Build an image", version 2); the context is
 * streamed to the daemon.
 *
 * @returns the image's id
 * @throws BuildFailure when a step fails; FlowstoreError IMAGE_BUILD when there is no image at the end,
 * FILE_CHANGED and FILE_UNREADABLE for the context
 */
export async function buildImage(
  daemon: Daemon,
  { dockerfile, context, labels, tag, kwargs = {} }: ImageBuild,
  log: Log
): Promise<string> {
  const tar = packTar([...context, { path: DOCKERFILE, content: dockerfile }])
  const lines: string[] = []
  let id: string | undefined
  try {
    const docker = await daemon.docker()
    const stream = await docker.buildImage(uploading(tar), {
      version: '2',
      dockerfile: DOCKERFILE,
      ...given({
        t: tag,
        labels,
        buildargs: kwargs.buildargs,
        target: kwargs.target,
        networkmode: kwargs.network_mode,
        platform: kwargs.platform,
        nocache: kwargs.nocache,
        pull: kwargs.pull,
        extrahosts:
          kwargs.extra_hosts && Object.entries(kwargs.extra_hosts).map(pair => pair.join(':')),
        shmsize: kwargs.shmsize
      })
    })
    await followProgress(docker, stream, event => {
      id = event.aux?.ID ?? id
      for (const line of (event.stream ?? '').split('\n')) {
        if (line === '') continue
        lines.push(line)
        if (line.startsWith(STEP_WORDS)) log.info(line.slice(STEP_WORDS.length))
        else log.debug(line)
      }
    })
  } catch (error) {
    // The context's own failure: no step failed.
    if (error instanceof FlowstoreError) throw error
    throw new BuildFailure(daemonWords(error), lines, { cause: error })
  }
  // A daemon without BuildKit's ids, or one that lost the image: never go on with nothing.
  if (id === undefined) {
    throw new FlowstoreError('IMAGE_BUILD', 'the build ended without an image', {
      detail: lastLines(lines)
    })
  }
  return id
}
