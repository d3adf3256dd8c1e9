/** Ends something that is under way: a process, a container, a temporary folder. */
export type End = () => unknown

/**
 * Holds the ends of what is under way, so that all of it ends however the work goes. What began last
 * ends first: a process before the folder that it writes to.
 */
export class Scope {
  private readonly deferred = new Set<{ readonly end: End }>()
  private readonly leaveParent: () => void
  private ending: Promise<void> | undefined
  private hasEnded = false

  /** @param parent ends this scope too when it ends; default none does */
  constructor(parent?: Scope) {
    this.leaveParent = parent?.defer(() => this.end()) ?? (() => undefined)
  }

  /**
   * Has something done when this scope ends; at once where it has ended already.
   *
   * @returns takes it back
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

  /**
   * Does all that was deferred, once, in reverse order and one after the other. A failure does not keep
   * the rest from being done.
   *
   * @throws what the only failure is, or an AggregateError of several
   */
  end(): Promise<void> {
    return (this.ending ??= this.endInTurn())
  }

  /**
   * As {@link end}, in reverse order too, but nothing waits for what began after it: for a process that
   * has little time left. Failures are not told of.
   */
  async endTogether(): Promise<void> {
    while (this.deferred.size > 0) {
      const last = [...this.deferred].reverse()
      this.deferred.clear()
      await Promise.allSettled(last.map(({ end }) => new Promise(resolve => resolve(end()))))
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

/** What has to end with this process. */
export const processScope = new Scope()

/** Milliseconds that ending all of it may take. */
const LONGEST = 3_000

/**
 * Has SIGINT and SIGTERM, by which a job is cancelled, end what is in {@link processScope} before they
 * end this process. It is for programs: a library leaves signals to its host.
 */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const late = new Promise(resolve => setTimeout(resolve, LONGEST))
      // Nobody listens to it a second time, so that it does what it does without this.
      void Promise.race([processScope.endTogether(), late]).then(() =>
        process.kill(process.pid, signal)
      )
    })
  }
}
