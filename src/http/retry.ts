import { setTimeout } from 'node:timers/promises'
import { isBroken } from './fault.js'
import type { HttpAnswer } from './send.js'

/** Waits; tests pass one that does not. */
export type Sleep = (milliseconds: number) => Promise<unknown>

/** Waits with a timer, until a signal aborts. */
export const sleep = (milliseconds: number, signal?: AbortSignal): Promise<unknown> =>
  setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })

/** Pauses before the second, third and fourth attempt, in milliseconds. */
const PAUSES = [500, 1_500, 4_500]
/** The part of a pause that is left to chance, so that runs that failed together do not come back together. */
const JITTER = 0.25

/** Milliseconds for failed attempts and the pauses after them. */
const LONGEST = 90_000
/** Milliseconds that an answer may always take, since it may come. */
const SHORTEST = 10_000

/**
 * The time that failed attempts and pauses may take together, for all requests of one run. What succeeds costs nothing,
 * however long it takes.
 */
export class RetryTime {
  private counted = 0
  private readonly silent = new Set<string>()

  constructor(
    private left = LONGEST,
    private readonly shortest = SHORTEST
  ) {}

  /** Whether there is time for a pause. */
  has(milliseconds: number): boolean {
    return this.left > milliseconds
  }

  /** Milliseconds to wait for an answer: what is left of the time, within these two limits. */
  forAnswer(longest: number): number {
    return Math.min(longest, Math.max(this.left, this.shortest))
  }

  /** Counts the time from one moment to another; requests that fail at the same time count once. */
  spend(from: number, to: number): void {
    this.left -= Math.max(0, to - Math.max(from, this.counted))
    this.counted = Math.max(to, this.counted)
  }

  /** Notes whether the last request to a host had an answer. */
  note(host: string, hasAnswered: boolean): void {
    if (hasAnswered) this.silent.delete(host)
    else this.silent.add(host)
  }

  /** Whether a host is not asked again: it gave no answer, and no time is left. */
  isOver(host: string): boolean {
    return this.left <= 0 && this.silent.has(host)
  }

  /** Gives at least this much time, for what has to be tried even after a failure. */
  allow(milliseconds: number): void {
    this.left = Math.max(this.left, milliseconds)
  }
}

/** Statuses of failures that may be temporary. */
const TEMPORARY = new Set([408, 429, 500, 502, 503, 504])

/** Whether a status means a failure that may be temporary. */
export const isTemporary = (status: number): boolean => TEMPORARY.has(status)

/**
 * The pause in a Retry-After header, in milliseconds; the header has it in seconds or as a date (RFC 9110,
 * section 10.2.3).
 */
function retryAfterPause(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const until = /^\d+$/.test(header.trim()) ? now + Number(header) * 1000 : Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(until - now, 0)
}

/** Which failures are tried again. */
export interface RetryRule {
  readonly isTemporary: (status: number) => boolean
  /** Whether there is another attempt after this error, when no answer came. */
  readonly isPassing: (error: unknown) => boolean
}

const ANY_FAILURE: RetryRule = { isTemporary, isPassing: isBroken }

/**
 * Makes up to four attempts while the failure may be temporary or the connection breaks. Between them it
 * waits as long as the server's Retry-After asks for, else longer each time. If there is no time for the wait, the
 * failure is the result.
 *
 * @param rule default: statuses of {@link isTemporary}, and connections that break
 * @param time default: enough for these attempts
 * @returns the last answer, of any status
 * @throws what the last attempt threw
 */
export async function retrying<Answer extends HttpAnswer>(
  attempt: () => Promise<Answer>,
  wait: Sleep,
  rule: RetryRule = ANY_FAILURE,
  time = new RetryTime()
): Promise<Answer> {
  for (const each of PAUSES) {
    const from = performance.now()
    let pause = each * (1 + JITTER * Math.random())
    let failure: () => Answer
    try {
      const answer = await attempt()
      if (!rule.isTemporary(answer.status)) return answer
      pause = retryAfterPause(answer.headers.get('retry-after'), Date.now()) || pause
      failure = () => answer
    } catch (error) {
      if (!rule.isPassing(error)) throw error
      failure = () => {
        throw error
      }
    }
    const now = performance.now()
    time.spend(from, now)
    if (!time.has(pause)) return failure()
    time.spend(now, now + pause)
    await wait(pause)
  }
  return attempt()
}
