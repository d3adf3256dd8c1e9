/** The output of a command. */
export interface CommandOutput {
  /** Writes a line to standard output. */
  readonly print: (line: string) => void
  /** Writes text as it is to standard error. */
  readonly writeError: (text: string) => void
}
