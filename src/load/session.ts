import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { LoaderOutput } from './loader.js'

/** A process of the loader that takes requests from its standard input. */
export interface LoaderProcess {
  readonly input: NodeJS.WritableStream
  /** What it prints on both streams; ends with it. */
  readonly output: Readable
  /** Its exit code, once it ended. */
  readonly ended: Promise<number>
  /** Reads all files of a folder where it runs: path relative to it, to content. */
  read(folder: string): Promise<ReadonlyMap<string, Buffer>>
}

/** A text that no module prints by chance. */
export const newToken = (): string => `flowstore-${randomBytes(12).toString('hex')}`

/** Files by their paths, in base64; null where they are too large for a line. */
type PrintedFiles = Readonly<Record<string, string>> | null

/**
 * One process that answers requests after each other, with Prefect imported once.
 */
export class LoaderSession {
  private printed = ''
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
    process.output.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text
      // An answer ends with its line.
      if (text.includes('\n')) this.heard()
    })
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
    const end = new RegExp(`\\n${this.token} (\\d+) (.*)\\n`)
    let code: number | undefined
    const ended = (exitCode: number) => {
      code = exitCode
      this.heard()
    }
    void this.process.ended.then(ended, () => {
      ended(-1)
    })
    for (;;) {
      const match = end.exec(this.printed)
      if (match) {
        const [whole, exitCode, files = 'null'] = match
        const log = this.printed.slice(0, match.index)
        this.printed = this.printed.slice(match.index + whole.length)
        return { exitCode: Number(exitCode), log, files: JSON.parse(files) as PrintedFiles }
      }
      if (code !== undefined) return { exitCode: code, log: this.printed, files: {} }
      await new Promise<void>(resolve => (this.heard = resolve))
    }
  }
}
