/** What is under way and has to end with this process: processes, containers, temporary folders. */
const ends = new Set<() => unknown>()

/** Milliseconds that ending all of it may take. */
const LONGEST = 3_000

/**
 * Has something done where a signal ends this process.
 *
 * @returns takes that back
 */
export function atEnd(end: () => unknown): () => void {
  ends.add(end)
  return () => {
    ends.delete(end)
  }
}

/**
 * Has SIGINT and SIGTERM, by which a job is cancelled, end what is under way before they end this
 * process. It is for programs: a library leaves signals to its host.
 */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // What began last ends first: a process before the folder that it writes to.
      const last = [...ends].reverse()
      const all = Promise.allSettled(last.map(end => Promise.resolve().then(end)))
      const late = new Promise(resolve => setTimeout(resolve, LONGEST))
      // Nobody listens to it a second time, so that it does what it does without this.
      void Promise.race([all, late]).then(() => process.kill(process.pid, signal))
    })
  }
}
