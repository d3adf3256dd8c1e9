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

/**
 * One process that answers requests after each other, with Prefect imported once: see
 * `SessionRequest` in the protocol.
 */
export class LoaderSession {
  private printed = ''
  private asked = 0
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
      this.heard()
    })
    // A process that took its leave no longer reads.
    process.input.on('error', () => undefined)
  }

  /**
   * Asks one thing. Where the process ends instead, there are no files in the answer.
   *
   * @param request for the folder that it may write to
   * @param written whether the answer is in files there, else it is printed
   */
  async ask(
    request: (output: string) => string,
    written: 'written' | 'printed'
  ): Promise<LoaderOutput> {
    const output = `${this.folder}/${this.asked++}`
    this.process.input.write(`${request(output)}\n`)
    const answered = this.answering.then(() => this.answer())
    this.answering = answered
    const { exitCode, log, result } = await answered
    const none = new Map<string, Buffer>()
    if (written === 'written') {
      return { exitCode, log, files: await this.process.read(output).catch(() => none) }
    }
    const files = result === 'null' ? none : new Map([['result.json', Buffer.from(result)]])
    return { exitCode, log, files }
  }

  private async answer(): Promise<{ exitCode: number; log: string; result: string }> {
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
        const [whole, exitCode, result = 'null'] = match
        const log = this.printed.slice(0, match.index)
        this.printed = this.printed.slice(match.index + whole.length)
        return { exitCode: Number(exitCode), log, result }
      }
      if (code !== undefined) return { exitCode: code, log: this.printed, result: 'null' }
      await new Promise<void>(resolve => (this.heard = resolve))
    }
  }
}
