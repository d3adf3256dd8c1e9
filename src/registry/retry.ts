import { setTimeout } from 'node:timers/promises'
import type { Answer } from './answer.js'

/** Waits; tests put their own in its place. */
export type Sleep = (milliseconds: number) => Promise<unknown>

export const sleep: Sleep = milliseconds => setTimeout(milliseconds)

/** Pauses before the second, third and fourth time, in milliseconds. */
const PAUSES = [500, 1_500, 4_500]
const LONGEST_PAUSE = 60_000

/** Statuses of trouble that passes. */
const PASSING = new Set([408, 429, 500, 502, 503, 504])

/** Whether a status tells of trouble that may pass. */
export const isPassing = (status: number): boolean => PASSING.has(status)

// What a connection that was there and broke is called. One that was never there is not waited for: a
// daemon behind a proxy of its own may have it at once.
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN'])

interface Thrown {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/** What was thrown, and what was thrown below it. */
function causesOf(error: unknown): readonly Thrown[] {
  if (typeof error !== 'object' || error === null) return []
  return [error, ...causesOf((error as Thrown).cause)]
}

/** Why there is no answer: the system's code where there is one, else its words. */
export function causeOf(error: unknown): string {
  const causes = causesOf(error)
  const code = causes.map(cause => cause.code).find(found => typeof found === 'string')
  const { message } = causes.at(-1) ?? {}
  return code ?? (typeof message === 'string' ? message : String(error))
}

const isBroken = (error: unknown): boolean =>
  causesOf(error).some(
    ({ name, code }) => name === 'TimeoutError' || (typeof code === 'string' && BROKEN.has(code))
  )

/** Milliseconds that a Retry-After header asks for, seconds or a date (RFC 9110, section 10.2.3). */
function askedPause(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const until = /^\d+$/.test(header.trim()) ? now + Number(header) * 1000 : Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - now, 0), LONGEST_PAUSE)
}

/**
 * Does something again while the registry is in trouble that may pass, or the connection broke:
 * up to four times, with growing pauses, or with the pause that the registry asks for, where it asks for
 * one.
 *
 * @returns the last answer, whatever it says
 * @throws what the last attempt threw
 */
export async function retrying(attempt: () => Promise<Answer>, wait: Sleep): Promise<Answer> {
  for (const pause of PAUSES) {
    let asked: number | undefined
    try {
      const answer = await attempt()
      if (!isPassing(answer.status)) return answer
      asked = askedPause(answer.headers.get('retry-after'), Date.now())
    } catch (error) {
      if (!isBroken(error)) throw error
    }
    await wait(asked || pause)
  }
  return attempt()
}
