import { FlowstoreError } from '../errors.js'
import type { TarEntry } from '../util/tar.js'
import type { BuildKwargs } from './build-kwargs.js'

/** The beginning of the printed lines that the user gets to see. */
export const STEP_PREFIX = 'flowstore: '

/** An image to build. */
export interface ImageBuild {
  readonly dockerfile: string
  /** The build context, without the Dockerfile. */
  readonly context: readonly TarEntry[]
  readonly labels?: Readonly<Record<string, string>>
  /** Tag of the result; undefined for none. */
  readonly tag?: string | undefined
  readonly kwargs?: BuildKwargs
  /** What `RUN --mount=type=secret,id=ID` gets: id to content. No layer and no cache has them. Default none. */
  readonly secrets?: ReadonlyMap<string, string | Buffer> | undefined
}

/** A failed build: the reason, and its printed lines. */
export class BuildFailure extends Error {
  constructor(
    message: string,
    readonly lines: readonly string[],
    options: ErrorOptions
  ) {
    super(message, options)
    this.name = 'BuildFailure'
  }

  /** The error of the build, with its last lines. */
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

/** The last lines of a build, as an error's detail; undefined if there are none. */
export const lastLines = (lines: readonly string[]): string | undefined =>
  lines.slice(-20).join('\n') || undefined
