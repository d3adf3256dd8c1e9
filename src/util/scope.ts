/** Ends or removes something: a process, a container, a temporary folder. */
export type End = () => unknown

/**
 * Collects clean-ups, so that all of them run, even after an error. The last one runs first: a process ends
 * before the folder that it writes to is removed.
 */
export class Scope {
  private readonly deferred = new Set<{ readonly end: End }>()
  private readonly leaveParent: () => void
  private ending: Promise<void> | undefined
  private hasEnded = false

  /**
   * @param parent the scope that ends this one too; default none
   */
  constructor(parent?: Scope) {
    this.leaveParent = parent?.defer(() => this.end()) ?? (() => undefined)
  }

  /**
   * Registers a clean-up for the end of this scope; if it has ended already, it runs at once.
   *
   * @returns a function that unregisters it
   */
  readonly defer = (end: End): (() => void) => {
    if (this.hasEnded) {
      void Promise.allSettled([Promise.resolve().then(end)])
      return () => undefined
    }
    const entry = { end }
    this.deferred.add(entry)
    return () => {
      this.deferred.delete(entry)
    }
  }

  /** Whether no clean-up is left. */
  get isEmpty(): boolean {
    return this.deferred.size === 0
  }

  /**
   * Runs all clean-ups once, in reverse order, one after the other. After a failure the rest still run.
   *
   * @throws the only failure, or an AggregateError of several
   */
  end(): Promise<void> {
    return (this.ending ??= this.endInTurn())
  }

  /**
   * Like {@link end}, but in parallel: for a process that has little time left. The clean-ups start in reverse
   * order, and failures are ignored.
   */
  async endTogether(): Promise<void> {
    while (this.deferred.size > 0) {
      const entries = [...this.deferred].reverse()
      this.deferred.clear()
      await Promise.allSettled(entries.map(({ end }) => new Promise(resolve => resolve(end()))))
    }
  }

  private async endInTurn(): Promise<void> {
    const failures: unknown[] = []
    for (let last = this.last(); last !== undefined; last = this.last()) {
      this.deferred.delete(last)
      try {
        await last.end()
      } catch (error) {
        failures.push(error)
      }
    }
    this.hasEnded = true
    this.leaveParent()
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'several clean-ups failed')
  }

  private last() {
    return [...this.deferred].at(-1)
  }
}

/** The scope of this process. */
export const processScope = new Scope()

/** Maximum milliseconds for its clean-ups. GitHub sends another signal after 7.5 seconds, and ends all 2.5 later. */
const LONGEST = 7_000

const END_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** A signal that told this process to end. */
export interface Interruption {
  readonly signal: NodeJS.Signals
  /** When it came, as `performance.now()` has it. */
  readonly at: number
}

let interrupted: Interruption | undefined

/** The first signal that told this process to end; undefined if none did. */
export const interruption = (): Interruption | undefined => interrupted

/**
 * Listens for the first of SIGINT and SIGTERM, which cancel a job. A second one has its default effect. For programs
 * only, as {@link endOnSignals}.
 */
export function onEndSignals(listener: (signal: NodeJS.Signals) => void): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Later: proper-lockfile ends the process at once if it finds no listener but its own.
    setImmediate(() => {
      for (const each of END_SIGNALS) process.off(each, onSignal)
    })
    interrupted ??= { signal, at: performance.now() }
    listener(signal)
  }
  for (const signal of END_SIGNALS) process.on(signal, onSignal)
}

let unwind: () => void = () => undefined
const unwound = new Promise<void>(resolve => (unwind = resolve))

/** Says that the work of this process is over, also if a signal made it fail: nothing more has to be printed. */
export const onWorkOver = (): void => {
  unwind()
}

/** Milliseconds for the work to fail and say so, after everything that it uses has ended. */
const UNWINDING = 1_000

const sleep = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds))

/** Ends {@link processScope} after a signal, and what the work began meanwhile. */
async function endAfterSignal(): Promise<void> {
  do {
    await processScope.endTogether()
    await Promise.race([unwound, sleep(UNWINDING)])
  } while (!processScope.isEmpty)
}

/** Some work that {@link processScope} waits for at its end. */
export async function beforeEnd<T>(work: Promise<T>): Promise<T> {
  const leave = processScope.defer(() => work)
  try {
    return await work
  } finally {
    leave()
  }
}

/**
 * Makes SIGINT and SIGTERM end {@link processScope} before this process. For programs only: a library leaves
 * signals to its host.
 */
export function endOnSignals(): void {
  onEndSignals(signal => {
    void Promise.race([endAfterSignal(), sleep(LONGEST)]).then(() =>
      process.kill(process.pid, signal)
    )
  })
}
