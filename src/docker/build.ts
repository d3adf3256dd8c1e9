import { FlowstoreError } from '../errors.js'
import type { TarEntry } from '../util/tar.js'
import type { BuildKwargs } from './build-kwargs.js'

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

/** A build that failed: why, and what was printed until then. */
export class BuildFailure extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[],
    options: ErrorOptions
  ) {
    super(message, options)
    this.name = 'BuildFailure'
  }

  /** The error of a build of which a person needs to see the last lines. */
  imageBuild(what: string, file?: string): FlowstoreError {
    return new FlowstoreError('IMAGE_BUILD', `${what} can't be built: ${this.message}`, {
      file,
      detail: lastLines(this.lines),
      hint: [this.message, ...this.lines].some(line => /exec format error/i.test(line))
        ? 'The daemon has no emulation for this platform: leave platform out of build-kwargs, use a machine of that platform, or set up emulation first (docker/setup-qemu-action).'
        : undefined,
      cause: this
    })
  }
}

/** The last lines of a build, as an error's detail; undefined where nothing was printed. */
export const lastLines = (lines: readonly string[]): string | undefined =>
  lines.slice(-20).join('\n') || undefined
