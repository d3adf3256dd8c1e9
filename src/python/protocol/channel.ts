import { randomBytes } from 'node:crypto'
import type { LoaderOutput } from './loader-output.js'
import { isolationOf, type Isolation } from '../cell.js'
import { MOST_ANSWER } from '../limits.js'
import type { LoaderProcess } from '../transport.js'
import { Marks, withoutMarks } from './marks.js'

/** A text that no module prints by chance. */
export const newToken = (): string => `flowstore-${randomBytes(12).toString('hex')}`

/** Characters of the modules' output that are kept: its end says why something failed. */
const MOST_PRINTED = 1 << 20

/** The line that a cell begins with. */
// eslint-disable-next-line no-control-regex -- the cell marks the line with one
const CELL = /^\u001ecell (.*)$/

/** The line of a session that could not be sealed from its modules. */
const UNSEALED = '\u001eunsealed'

/** Characters of an answer: files of 1 MiB in base64, and their paths. */
const MOST_LINE = 1 << 22

/** Files by their paths, in base64; null if they are too large for a line. */
type PrintedFiles = Readonly<Record<string, string>> | null

/** How the process ended: with an exit code, or with a fault instead. */
type End = { readonly kind: 'exit'; readonly code: number } | { readonly kind: 'fault'; error: unknown }

/** The connection to a process ended before its answer. */
export class ConnectionEnded extends Error {
  constructor() {
    super('the connection to it ended before its answer')
    this.name = 'ConnectionEnded'
  }
}

/** Text that arrives in pieces, split at separators. */
class SplitText {
  private rest = ''
  private readonly parts: string[] = []
  private splits = 0

  constructor(
    /** The separator after the part of an index; undefined as long as there is none. */
    private readonly separatorAfter: (part: number) => string | undefined,
    /** Characters of the unfinished part that are kept. */
    private readonly limit: number
  ) {}

  add(text: string): void {
    const before = this.rest.length
    this.rest += text
    for (let from = before; ; from = 0) {
      const separator = this.separatorAfter(this.splits)
      if (separator === undefined) break
      // The rest has no separator, but may end with the beginning of one.
      const end = this.rest.indexOf(separator, Math.max(0, from - separator.length))
      if (end === -1) break
      this.splits += 1
      this.parts.push(this.rest.slice(0, end))
      this.rest = this.rest.slice(end + separator.length)
    }
    if (this.rest.length > this.limit) this.rest = this.rest.slice(-this.limit)
  }

  get hasPart(): boolean {
    return this.parts.length > 0
  }

  /** The next part; without one, the unfinished part. */
  take(): string {
    return this.parts.shift() ?? this.rest
  }
}

/** Requests to a loader in session mode and its answers, over the streams of its process; see `protocol.ts`. */
export class RequestChannel {
  private readonly lines = new SplitText(() => '\n', MOST_LINE)
  /** What the process does. */
  readonly marks = new Marks()
  private readonly logs = new SplitText(part => {
    const token = this.tokens[part]
    return token === undefined ? undefined : `\n${token}\n`
  }, MOST_PRINTED)
  /** What modules are cut off from; undefined before the first answer, and without a cell. */
  isolation: Isolation | undefined
  /** Whether modules can't reach the process that answers; known after the first answer. */
  isSealed = true
  /** Of each request. No process of modules is alive when the session reads one. */
  private readonly tokens: string[] = []
  private answerCount = 0
  private end: End | undefined
  private wake: () => void = () => undefined
  /** Answers come in the order of the requests. Several requests may be open. */
  private answering: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly process: Pick<
      LoaderProcess,
      'input' | 'output' | 'errors' | 'ended' | 'read'
    >,
    /** The folder that the process may write to; each request gets a subfolder. */
    private readonly folder: string,
    private readonly tokenOf: (request: number) => string = newToken
  ) {
    for (const [stream, parts] of [
      [process.output, this.lines],
      [process.errors, this.logs]
    ] as const) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        parts.add(text)
        if (stream === process.errors) this.marks.follow(text)
        if (parts.hasPart) this.wake()
      })
    }
    process.ended.then(
      code => {
        this.endedWith({ kind: 'exit', code })
      },
      (error: unknown) => {
        this.endedWith({ kind: 'fault', error })
      }
    )
    // A process that has ended no longer reads.
    process.input.on('error', () => undefined)
  }

  /**
   * Sends a request. If the process ends instead of answering, the answer has no files.
   *
   * @param request creates the request for the folder that it may write to
   * @throws ConnectionEnded; the fault of a process without an exit code
   */
  async ask(request: (output: string) => string): Promise<LoaderOutput> {
    const index = this.tokens.length
    const token = this.tokenOf(index)
    this.tokens.push(token)
    const output = `${this.folder}/${index}`
    const text = request(output)
    this.process.input.write(`${Buffer.byteLength(text)}\n${text}${token}\n`)
    const answered = this.answering.then(() => this.answer(token))
    this.answering = answered
    const { exitCode, log, files } = await answered
    this.answerCount += 1
    if (files === null) return { exitCode, log, files: await this.process.read(output, MOST_ANSWER) }
    const contents = Object.entries(files).map(
      ([path, content]) => [path, Buffer.from(content, 'base64')] as const
    )
    return { exitCode, log, files: new Map(contents) }
  }

  /** Whether all requests are answered. */
  get isIdle(): boolean {
    return this.tokens.length === this.answerCount
  }

  /** The output since the last answer. */
  get printed(): string {
    return this.takeLog()
  }

  private takeLog(): string {
    return withoutMarks(this.logs.take())
  }

  private endedWith(end: End): void {
    this.end = end
    this.wake()
  }

  private async answer(
    token: string
  ): Promise<{ exitCode: number; log: string; files: PrintedFiles }> {
    let line: RegExpExecArray | undefined
    for (;;) {
      // Skip other lines: Prefect may print something when it is imported.
      while (line === undefined && this.lines.hasPart) {
        const taken = this.lines.take()
        const [, held] = CELL.exec(taken) ?? []
        if (held !== undefined) this.isolation ??= isolationOf(held)
        if (taken === UNSEALED) this.isSealed = false
        line = new RegExp(`^${token} (\\d+) (.*)$`).exec(taken) ?? undefined
      }
      if (line !== undefined && this.logs.hasPart) {
        const [, exitCode, files = 'null'] = line
        const log = this.takeLog()
        return { exitCode: Number(exitCode), log, files: JSON.parse(files) as PrintedFiles }
      }
      if (this.end?.kind === 'fault') throw this.end.error
      if (this.end?.kind === 'exit') {
        // It ends without a failure when its input has ended, and modules can't end it so: they run in other processes.
        if (this.end.code === 0) throw new ConnectionEnded()
        return { exitCode: this.end.code, log: this.takeLog(), files: {} }
      }
      await new Promise<void>(resolve => (this.wake = resolve))
    }
  }
}
