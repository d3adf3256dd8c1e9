import { errorsOf, FlowstoreError } from '../errors.js'
import { interruption, processScope } from './scope.js'

/** The error of a run that a signal ended; undefined without a signal. */
function interruptedError(): FlowstoreError | undefined {
  const found = interruption()
  return found === undefined
    ? undefined
    : new FlowstoreError('INTERRUPTED', `the run was interrupted by ${found.signal}`)
}

/** Why some work failed: what fails after a signal, fails for that reason. */
export function orInterrupted(thrown: unknown): unknown {
  return errorsOf(thrown)[0]?.code === 'INTERRUPTED' ? thrown : (interruptedError() ?? thrown)
}

/**
 * Lets nothing begin that would be left when this process ends.
 *
 * @throws FlowstoreError INTERRUPTED after SIGINT or SIGTERM
 */
export function throwIfInterrupted(): void {
  const error = interruptedError()
  if (error !== undefined) throw error
}

/**
 * Calls a function when a signal comes, or at once after one.
 *
 * @returns ends that
 */
function onInterruption(listener: () => void): () => void {
  if (interruption() !== undefined) {
    listener()
    return () => undefined
  }
  return processScope.defer(() => {
    if (interruption() !== undefined) listener()
  })
}

/**
 * The result of some work, or the error at once when a signal comes. The work may go on, so what it does after a signal
 * must not need to be put back.
 *
 * @throws FlowstoreError INTERRUPTED, and what the work throws
 */
export async function unlessInterrupted<T>(work: () => Promise<T>): Promise<T> {
  throwIfInterrupted()
  let leave: () => void = () => undefined
  const interrupted = new Promise<never>((_, reject) => {
    leave = onInterruption(() => {
      reject(interruptedError() ?? new Error('there is no signal'))
    })
  })
  try {
    return await Promise.race([interrupted, work()])
  } finally {
    leave()
  }
}

/** Milliseconds after a signal for putting things back. What remains has to be said before this process is ended. */
const UNDOING = 5_000

/** The result of some work, or another one if a signal has left no time for it. */
export async function unlessLate<T>(work: Promise<T>, late: () => T): Promise<T> {
  let leave: () => void = () => undefined
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<T>(resolve => {
    leave = onInterruption(() => {
      const since = performance.now() - (interruption()?.at ?? 0)
      timer ??= setTimeout(() => {
        resolve(late())
      }, UNDOING - since)
    })
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    leave()
    clearTimeout(timer)
  }
}
