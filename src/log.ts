import { hidingIn, inPhase } from './errors.js'
import { hidingEncoded, type Hide } from './util/hiding.js'
import { plainLine, plainLines } from './util/plain-text.js'

/** Something a person should know that did not stop the run. */
export interface Notice {
  readonly level: 'notice' | 'warning'
  readonly message: string
  readonly file?: string | undefined
  readonly line?: number | undefined
}

/** The log of a run. The entry points decide how it is shown. */
export interface Log {
  /** One line for everybody. */
  info(line: string): void
  /** Text for debugging, of one line or more. */
  debug(text: string): void
  /** What is done now and how far, such as `loading modules: 12 of 67`, until the next call or the end of the phase. */
  progress(text: string): void
  /** A notice, which the report repeats. The same notice again says nothing new. */
  notice(notice: Notice): void
  /** Runs one named phase and records how long it takes. */
  phase<T>(name: string, work: () => Promise<T>): Promise<T>
}

const isSame = (one: Notice, other: Notice): boolean =>
  one.level === other.level &&
  one.message === other.message &&
  one.file === other.file &&
  one.line === other.line

/** The display of a {@link Recorder}. */
export interface LogView {
  info(line: string): void
  debug(text: string): void
  /** Default nothing. */
  progress?(text: string): void
  notice(notice: Notice): void
  /** Told of each text that must not be shown, so that others hide it too. Default nothing. */
  mask?(text: string): void
  begin(phase: string): void
  end(phase: string, seconds: number): void
}

/**
 * A {@link Log} that collects the notices, each once, and the seconds of each phase for the report. It may be given any
 * text, such as names from the repository and output of programs: it shows and collects plain lines, which no CI service
 * reads as commands, and no secret that it was told.
 */
export class Recorder implements Log {
  readonly phases: { name: string; seconds: number }[] = []
  readonly notices: Notice[] = []
  /** The texts that are hidden. */
  hidden: readonly string[] = []
  private hide: Hide = text => text

  constructor(private readonly view: LogView) {}

  /** Hides texts, from now on, in all that it shows and collects. */
  conceal(texts: readonly string[]): void {
    const added = texts.filter(text => !this.hidden.includes(text))
    this.hidden = [...this.hidden, ...added]
    this.hide = hidingEncoded(this.hidden)
    for (const text of added) this.view.mask?.(text)
  }

  /** A thrown value that shows none of the texts that are hidden. */
  concealedIn(thrown: unknown): unknown {
    return hidingIn(thrown, this.hide)
  }

  info(line: string): void {
    this.view.info(plainLine(this.hide(line)))
  }

  debug(text: string): void {
    this.view.debug(plainLines(this.hide(text)))
  }

  progress(text: string): void {
    this.view.progress?.(plainLine(this.hide(text)))
  }

  notice(notice: Notice): void {
    const { message, file } = notice
    const plain = {
      ...notice,
      message: plainLine(this.hide(message)),
      ...(file === undefined ? {} : { file: plainLine(this.hide(file)) })
    }
    // A part of a build that runs again has the same notices.
    if (this.notices.some(earlier => isSame(earlier, plain))) return
    this.notices.push(plain)
    this.view.notice(plain)
  }

  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const plainName = plainLine(name)
    const start = performance.now()
    this.view.begin(plainName)
    try {
      return await work()
    } catch (error) {
      throw inPhase(error, plainName)
    } finally {
      const seconds = Math.round(performance.now() - start) / 1000
      this.phases.push({ name: plainName, seconds })
      this.view.end(plainName, seconds)
    }
  }
}

/** A log that passes on what another one may show. */
export const concealing = (log: Log, hide: Hide): Log => ({
  info: line => {
    log.info(hide(line))
  },
  debug: text => {
    log.debug(hide(text))
  },
  progress: text => {
    log.progress(hide(text))
  },
  notice: ({ message, file, ...rest }) => {
    log.notice({ ...rest, message: hide(message), file: file && hide(file) })
  },
  phase: (name, work) =>
    log.phase(hide(name), () =>
      work().catch((error: unknown) => {
        throw hidingIn(error, hide)
      })
    )
})

/** A {@link Log} without output: the library's default. */
export function silentLog(): Recorder {
  const nothing = () => undefined
  return new Recorder({
    info: nothing,
    debug: nothing,
    notice: nothing,
    begin: nothing,
    end: nothing
  })
}
