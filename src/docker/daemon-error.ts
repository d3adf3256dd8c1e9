import { FlowstoreError } from '../errors.js'

/** Details of a {@link DaemonError}. */
export interface DaemonErrorDetails {
  /** Status of the daemon's answer. */
  readonly status?: number | undefined
  /** What it was asked for, such as `creating a container of python:3.9`. */
  readonly doing?: string | undefined
  /** Whether the connection broke, or the answer did not come in time; default false. */
  readonly isBroken?: boolean
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
  /** Whether there is no whole answer: what the daemon did with the request is not known. */
  readonly isBroken: boolean

  constructor(
    /** The daemon's message, or that of the system. */
    readonly words: string,
    { status, doing, isBroken = false, hint, cause }: DaemonErrorDetails = {}
  ) {
    const during = doing === undefined ? '' : ` while ${doing}`
    super('DAEMON', `the Docker daemon failed${status ? ` (${status})` : ''}${during}: ${words}`, {
      hint: hint ?? (isBroken ? BROKEN_HINT : undefined),
      cause
    })
    this.name = 'DaemonError'
    this.status = status
    this.isBroken = isBroken
  }
}

/** What to do about a connection to the daemon that broke. */
export const BROKEN_HINT =
  'Check that the daemon runs and has memory and disk space left, then run this again. DOCKER_CLIENT_TIMEOUT is the limit for an answer, in seconds.'

/** The daemon sent nothing for too long. */
export class NoAnswer extends Error {
  /** @param limit milliseconds */
  constructor(limit: number) {
    super(`no answer for ${limit / 1000} s`)
    this.name = 'NoAnswer'
  }
}

/**
 * A failure of the connection, with the system's message.
 *
 * @param doing what the daemon was asked for
 */
export function connectionFault(error: unknown, doing: string): Error {
  // The content of the request could not be read, or the request was aborted: no fault of the daemon.
  if (error instanceof FlowstoreError) return error
  const { name, message, code } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return error as Error
  // The AggregateError of a host with several addresses has no message.
  const words = CLOSED[message] ?? (message.trim() || code || name)
  return new DaemonError(words, { doing, isBroken: true, cause: error })
}

/** For Node's words about a connection that was closed. */
const CLOSED: Readonly<Record<string, string>> = {
  'socket hang up': 'it closed the connection without an answer',
  aborted: 'it closed the connection in the middle of its answer'
}

/** Whether the daemon answered that the object does not exist. */
export const isMissing = (error: unknown): boolean =>
  error instanceof DaemonError && error.status === 404

/**
 * For the removal of a container that may be gone. 404: there is no such container. 409: it has ended, or its removal
 * has begun.
 *
 * @throws any other error
 */
export function unlessGone(error: unknown): void {
  if (error instanceof DaemonError && (error.status === 404 || error.status === 409)) return
  throw error
}
