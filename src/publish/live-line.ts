/** Where a {@link LiveLine} is shown. */
export interface Screen {
  readonly write: (text: string) => void
  /** Whether a line can be replaced. */
  readonly isTerminal: boolean
  /** Characters of a line. */
  readonly columns?: (() => number | undefined) | undefined
}

/** Milliseconds between two looks at what to show. */
const LOOK = 200
/** Milliseconds without a line after which a log gets one. */
const SILENCE = 15_000

const CLEAR = '\r\u001b[K'

/**
 * What a run is doing now, and for how long. In a terminal it is the last line, which changes. Elsewhere it is a new
 * line after each 15 seconds without any other. Nothing is shown or started before the first {@link LiveLine.update}.
 */
export class LiveLine {
  private text = ''
  private since = 0
  private written = performance.now()
  private isDrawn = false
  private timer: NodeJS.Timeout | undefined

  /** @param silence milliseconds without a line after which a log gets one; default 15 seconds */
  constructor(
    private readonly screen: Screen,
    private readonly silence = SILENCE
  ) {}

  /** Sets what is done now, such as `pulling python:3.9: 45 of 120 MB`. The part before the colon has its own time. */
  update(text: string): void {
    const subject = (words: string) => words.split(': ')[0]
    if (subject(text) !== subject(this.text)) this.since = performance.now()
    this.text = text
    if (this.timer !== undefined) return
    this.timer = setInterval(() => {
      this.look()
    }, LOOK)
    // The work keeps the process alive, not its display.
    this.timer.unref()
  }

  /** Writes other output. */
  write(text: string): void {
    this.clear()
    this.written = performance.now()
    this.screen.write(text)
  }

  /** Ends what is done now. */
  end(): void {
    this.clear()
    this.text = ''
    clearInterval(this.timer)
    this.timer = undefined
  }

  private look(): void {
    const now = performance.now()
    const seconds = Math.round((now - this.since) / 1000)
    const line = `  ${this.text} (${seconds} s)`
    if (this.screen.isTerminal) {
      const width = (this.screen.columns?.() || 80) - 1
      this.screen.write(`${CLEAR}${line.slice(0, width)}`)
      this.isDrawn = true
    } else if (now - this.written >= this.silence) {
      this.write(`${line}\n`)
    }
  }

  private clear(): void {
    if (this.isDrawn) this.screen.write(CLEAR)
    this.isDrawn = false
  }
}
