import { FlowstoreError } from '../errors.js'
import type { Python } from '../python/loader.js'

/**
 * The command that has to work in an environment image, which no daemon has started while it built the image. It is started
 * where the packages of the image are used first. The image is found by its tag, and gets the tag only then: its label,
 * which says that the command was started, is written before and true for each image that is found.
 */
export class FirstStart {
  private isDone = false

  /** @param tag gives the image its tag */
  constructor(
    private readonly command: readonly string[],
    private readonly tag: () => Promise<void>
  ) {}

  /**
   * Starts the command, unless it was started before.
   *
   * @param python has the packages of the image
   * @throws FlowstoreError IMAGE_BUILD; LOAD_LIMIT
   */
  async in(python: Pick<Python, 'start'>): Promise<void> {
    if (this.isDone) return
    const { exitCode, printed } = await python.start(this.command)
    if (exitCode !== 0) throw doesNotStart(this.command, printed.trim().split('\n'))
    await this.tag()
    this.isDone = true
  }
}

/** Lines of the output that an error has: the last ones. */
const MOST_LINES = 15

/** The error of an environment image in which a command does not start. */
export const doesNotStart = (
  command: readonly string[],
  lines: readonly string[],
  cause?: Error
): FlowstoreError =>
  new FlowstoreError(
    'IMAGE_BUILD',
    `the environment image can't be built: '${command.join(' ')}' does not start in it, and a worker needs it`,
    {
      detail: lines.slice(-MOST_LINES).join('\n') || undefined,
      hint: 'Its last lines name the module that fails: pin a release of its package that works with this Prefect, or a newer Prefect.',
      cause
    }
  )
