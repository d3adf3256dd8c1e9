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
const LONGEST_PAUSE = 60_000

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
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - now, 0), LONGEST_PAUSE)
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
 * waits as long as the server's Retry-After asks for, up to a minute, else longer each time.
 *
 * @param rule default: statuses of {@link isTemporary}, and connections that break
 * @returns the last answer, of any status
 * @throws what the last attempt threw
 */
export async function retrying<Answer extends HttpAnswer>(
  attempt: () => Promise<Answer>,
  wait: Sleep,
  rule: RetryRule = ANY_FAILURE
): Promise<Answer> {
  for (const pause of PAUSES) {
    let requested: number | undefined
    try {
      const answer = await attempt()
      if (!rule.isTemporary(answer.status)) return answer
      requested = retryAfterPause(answer.headers.get('retry-after'), Date.now())
    } catch (error) {
      if (!rule.isPassing(error)) throw error
    }
    await wait(requested || pause)
  }
  return attempt()
}
