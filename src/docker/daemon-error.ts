import { FlowstoreError } from '../errors.js'

/** Details of a {@link DaemonError}. */
export interface DaemonErrorDetails {
  /** Status of the daemon's answer. */
  readonly status?: number | undefined
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** A failed request to the Docker daemon. Its code is DAEMON. */
export class DaemonError extends FlowstoreError {
  /**
   * Status of the answer. Undefined if a build, a pull or a push failed after its answer had begun, or if
   * there is no answer; then `cause` is the system's error.
   */
  readonly status: number | undefined

  constructor(
    /** The daemon's message, or that of the system. */
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

/** A failure of the connection, with the system's message. */
export function connectionFault(error: unknown): Error {
  // The content of the request could not be read, or the request was aborted: no fault of the daemon.
  if (error instanceof FlowstoreError) return error
  const { name, message, code } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return error as Error
  // The AggregateError of a host with several addresses has no message.
  return new DaemonError(message.trim() || code || name, { cause: error })
}

/** Whether the daemon answered that the object does not exist. */
export const isMissing = (error: unknown): boolean =>
  error instanceof DaemonError && error.status === 404
