import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { LoaderOutput } from './loader.js'

/** A process of the loader that takes requests from its standard input. */
export interface LoaderProcess {
  readonly input: NodeJS.WritableStream
  /** Its standard output: answers, and nothing else. */
  readonly output: Readable
  /** Its standard error, with all that is printed. */
  readonly errors: Readable
  /** Its exit code, once it ended. */
  readonly ended: Promise<number>
  /** Reads all files of a folder where it runs: path relative to it, to content. */
  read(folder: string): Promise<ReadonlyMap<string, Buffer>>
}

/** A text that no module prints by chance. */
export const newToken = (): string => `flowstore-${randomBytes(12).toString('hex')}`

/** What is kept of all that modules print, in characters: the end says why something failed. */
const MOST_PRINTED = 1 << 20

/** Files by their paths, in base64; null where they are too large for a line. */
type PrintedFiles = Readonly<Record<string, string>> | null

/** Text as it comes, taken apart at a mark. */
class Parts {
  private rest = ''
  private readonly parts: string[] = []

  constructor(
    private readonly mark: string,
    private readonly most: number
  ) {}

  add(text: string): void {
    // All before was looked through.
    let from = Math.max(0, this.rest.length - this.mark.length)
    this.rest += text
    for (;;) {
      const at = this.rest.indexOf(this.mark, from)
      if (at === -1) break
      this.parts.push(this.rest.slice(0, at))
      this.rest = this.rest.slice(at + this.mark.length)
      from = 0
    }
    if (this.rest.length > this.most) this.rest = this.rest.slice(-this.most)
  }

  get hasPart(): boolean {
    return this.parts.length > 0
  }

  /** The next part; what came after the last mark where there is none. */
  take(): string {
    return this.parts.shift() ?? this.rest
  }
}

/**
 * One process that answers requests after each other, with Prefect imported once.
 */
export class LoaderSession {
  private readonly lines = new Parts('\n', Infinity)
  private readonly logs: Parts
  private asked = 0
  private answered = 0
  private heard: () => void = () => undefined
  /** Answers come in the order of the requests, of which several may be on their way. */
  private answering: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly process: LoaderProcess,
    private readonly token: string,
    /** Where the process writes; each request gets a folder of its own below it. */
    private readonly folder: string
  ) {
    this.logs = new Parts(`\n${token}\n`, MOST_PRINTED)
    for (const [stream, parts] of [
      [process.output, this.lines],
      [process.errors, this.logs]
    ] as const) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        parts.add(text)
        if (parts.hasPart) this.heard()
      })
    }
    // A process that took its leave no longer reads.
    process.input.on('error', () => undefined)
  }

  /**
   * Asks one thing. Where the process ends instead, there are no files in the answer.
   *
   * @param request for the folder that it may write to
   */
  async ask(request: (output: string) => string): Promise<LoaderOutput> {
    const output = `${this.folder}/${this.asked++}`
    this.process.input.write(`${request(output)}\n`)
    const answered = this.answering.then(() => this.answer())
    this.answering = answered
    const { exitCode, log, files } = await answered
    this.answered += 1
    if (files === null) return { exitCode, log, files: await this.process.read(output) }
    const contents = Object.entries(files).map(
      ([path, content]) => [path, Buffer.from(content, 'base64')] as const
    )
    return { exitCode, log, files: new Map(contents) }
  }

  /** Whether it has answered all that it was asked. */
  get isIdle(): boolean {
    return this.asked === this.answered
  }

  private async answer(): Promise<{ exitCode: number; log: string; files: PrintedFiles }> {
    let code: number | undefined
    let line: RegExpExecArray | undefined
    const ended = (exitCode: number) => {
      code = exitCode
      this.heard()
    }
    void this.process.ended.then(ended, () => {
      ended(-1)
    })
    for (;;) {
      // Prefect may have printed something too, when it was imported.
      while (line === undefined && this.lines.hasPart) {
        line = new RegExp(`^${this.token} (\\d+) (.*)$`).exec(this.lines.take()) ?? undefined
      }
      if (line !== undefined && this.logs.hasPart) {
        const [, exitCode, files = 'null'] = line
        const log = this.logs.take()
        return { exitCode: Number(exitCode), log, files: JSON.parse(files) as PrintedFiles }
      }
      if (code !== undefined) return { exitCode: code, log: this.logs.take(), files: {} }
      await new Promise<void>(resolve => (this.heard = resolve))
    }
  }
}
