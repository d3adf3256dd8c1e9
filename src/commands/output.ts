import type { Colours } from '../publish/colours.js'
import type { Screen } from '../publish/live-line.js'

/** The output of a command. */
export interface CommandOutput {
  /** Writes a line to standard output. */
  readonly print: (line: string) => void
  /** Standard error. */
  readonly screen: Screen
  /** The colours of standard error. */
  readonly colours: Colours
}
