import { FlowstoreError } from '../errors.js'
import { interruption } from './scope.js'

/** The error of a run that a signal ended; undefined without a signal. */
export function interruptedError(): FlowstoreError | undefined {
  const signal = interruption()
  return signal === undefined
    ? undefined
    : new FlowstoreError('INTERRUPTED', `the run was interrupted by ${signal}`)
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
