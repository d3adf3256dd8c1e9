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
  /** One line for debugging. */
  debug(line: string): void
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
  debug(line: string): void
  notice(notice: Notice): void
  begin(phase: string): void
  end(phase: string, seconds: number): void
}

/** A {@link Log} that collects the notices, each once, and the seconds of each phase for the report. */
export class Recorder implements Log {
  readonly phases: { name: string; seconds: number }[] = []
  readonly notices: Notice[] = []

  constructor(private readonly view: LogView) {}

  info(line: string): void {
    this.view.info(line)
  }

  debug(line: string): void {
    this.view.debug(line)
  }

  notice(notice: Notice): void {
    // A part of a build that runs again has the same notices.
    if (this.notices.some(earlier => isSame(earlier, notice))) return
    this.notices.push(notice)
    this.view.notice(notice)
  }

  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    this.view.begin(name)
    try {
      return await work()
    } finally {
      const seconds = Math.round(performance.now() - start) / 1000
      this.phases.push({ name, seconds })
      this.view.end(name, seconds)
    }
  }
}

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
