import { setTimeout } from 'node:timers/promises'
import type { Answer } from './answer.js'
import { isBroken } from './fault.js'

/** Waits; tests pass one that does not. */
export type Sleep = (milliseconds: number) => Promise<unknown>

export const sleep: Sleep = milliseconds => setTimeout(milliseconds)

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

/**
 * Makes up to four attempts while the failure may be temporary or the connection breaks. Between them it
 * waits as long as the registry's Retry-After asks for, up to a minute, else longer each time.
 *
 * @returns the last answer, of any status
 * @throws what the last attempt threw
 */
export async function retrying(attempt: () => Promise<Answer>, wait: Sleep): Promise<Answer> {
  for (const pause of PAUSES) {
    let requested: number | undefined
    try {
      const answer = await attempt()
      if (!isTemporary(answer.status)) return answer
      requested = retryAfterPause(answer.headers.get('retry-after'), Date.now())
    } catch (error) {
      if (!isBroken(error)) throw error
    }
    await wait(requested || pause)
  }
  return attempt()
}
