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

  /** Asks one thing. Where the process ends instead, there are no files in the answer. */
  async ask(request: (output: string) => string): Promise<LoaderOutput> {
    const output = `${this.folder}/${this.asked++}`
    this.process.input.write(`${request(output)}\n`)
    const { exitCode, log } = await this.answer()
    const files = await this.process.read(output).catch(() => new Map<string, Buffer>())
    return { exitCode, log, files }
  }

  private async answer(): Promise<Omit<LoaderOutput, 'files'>> {
    const end = new RegExp(`\\n${this.token} (\\d+)\\n`)
    let code: number | undefined
    void this.process.ended.then(
      ended => {
        code = ended
        this.heard()
      },
      () => {
        code = -1
        this.heard()
      }
    )
    for (;;) {
      const match = end.exec(this.printed)
      if (match) {
        const log = this.printed.slice(0, match.index)
        this.printed = this.printed.slice(match.index + match[0].length)
        return { exitCode: Number(match[1]), log }
      }
      if (code !== undefined) return { exitCode: code, log: this.printed }
      await new Promise<void>(resolve => (this.heard = resolve))
    }
  }
}
