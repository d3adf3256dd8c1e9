import { FlowstoreError } from '../errors.js'

/** What a {@link DaemonError} may say beyond the words. */
export interface DaemonErrorDetails {
  /** Status of the daemon's answer. */
  readonly status?: number | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** A request that the Docker daemon did not do. Its code is DAEMON. */
export class DaemonError extends FlowstoreError {
  /**
   * Status of the answer. Undefined where a build, a pull or a push failed after its answer had
   * begun, and where there is no answer; then `cause` is what the system threw.
   */
  readonly status: number | undefined

  constructor(
    /** The daemon's own words, or those of the system. */
    readonly words: string,
    { status, hint, cause }: DaemonErrorDetails = {}
  ) {
    super('DAEMON', `the Docker daemon failed${status ? ` (${status})` : ''}: ${words}`, {
      hint,
      cause
    })
    this.name = 'DaemonError'
    this.status = status
  }
}

/** A failure of the connection, in the words of the system. */
export function connectionFault(error: unknown): Error {
  // What was to be sent could not be read, or the request was taken back: the daemon is not to blame.
  if (error instanceof FlowstoreError) return error
  const { name, message, code } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return error as Error
  // An AggregateError, of a host with several addresses, has no message.
  return new DaemonError(message.trim() || code || name, { cause: error })
}

/** Whether the daemon said that it does not have what was asked for. */
export const isMissing = (error: unknown): boolean =>
  error instanceof DaemonError && error.status === 404
