import { isDeepStrictEqual } from 'node:util'
import { intervalSeconds } from '../entry/interval.js'
import type { Schedule } from './body.js'

/** Seconds of an interval as {@link intervalSeconds} reads it, or of a number as text; undefined for any other text. */
export function secondsOf(interval: unknown): number | undefined {
  const value = typeof interval === 'string' ? interval.trim() : interval
  const isNumber = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)
  return isNumber ? Number(value) : intervalSeconds(value)
}

/** An instant; a date without an offset is in UTC. */
function instantOf(date: unknown): unknown {
  if (typeof date !== 'string') return date
  const text = date.trim().replace(' ', 'T')
  const milliseconds = Date.parse(
    /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`
  )
  return Number.isNaN(milliseconds) ? date : milliseconds
}

const START = /^DTSTART[^\n]*$/im

/** A rule without the prefix that a single line may have; without its start, which newer servers add. */
const ruleOf = (rule: unknown, hasStart: boolean): unknown =>
  typeof rule !== 'string'
    ? rule
    : (hasStart ? rule : rule.replace(START, ''))
        .trim()
        .split(/\r?\n/)
        .map((line, _, lines) =>
          lines.length === 1 ? line.trim().replace(/^RRULE:/i, '') : line.trim()
        )
        .join('\n')

/** What a schedule means, so that equal meanings are equal values. `by` says what a server would have filled in. */
function meaning({ schedule, active, parameters, slug }: Schedule, by: Schedule): object {
  const { cron, interval, rrule, timezone, anchor_date, day_or } = schedule
  const rest = { timezone: timezone ?? 'UTC', active, parameters, slug }
  if (cron !== undefined && cron !== null) {
    const fields = typeof cron === 'string' ? cron.trim().split(/\s+/).join(' ') : cron
    return { cron: fields, day_or: day_or ?? true, ...rest }
  }
  if (interval !== undefined && interval !== null) {
    // Without an anchor in the file, the server takes the time of the first write.
    const hasAnchor = (by.schedule['anchor_date'] ?? null) !== null
    return {
      interval: secondsOf(interval) ?? interval,
      anchor: hasAnchor ? instantOf(anchor_date) : null,
      ...rest
    }
  }
  const start = by.schedule['rrule']
  return { rrule: ruleOf(rrule, typeof start === 'string' && START.test(start)), ...rest }
}

/**
 * The schedules to write: those of the file, each as the server has it if it means the same there. So an interval
 * keeps its anchor.
 *
 * @returns undefined if the server has exactly these, in whatever order
 */
export function newSchedules(
  file: readonly Schedule[],
  server: readonly Schedule[]
): readonly Schedule[] | undefined {
  const left = [...server]
  const written = file.map(schedule => {
    const wanted = meaning(schedule, schedule)
    const index = left.findIndex(each => isDeepStrictEqual(meaning(each, schedule), wanted))
    const [same] = index === -1 ? [] : left.splice(index, 1)
    return { schedule: same ?? schedule, isSame: same !== undefined }
  })
  if (left.length === 0 && written.every(({ isSame }) => isSame)) return undefined
  return written.map(({ schedule }) => schedule)
}

/** A schedule in words: `cron 0 5 * * * (Europe/Paris)`. */
export function scheduleText({ schedule, active, slug, parameters }: Schedule): string {
  const { cron, interval, rrule, timezone } = schedule
  const rule =
    typeof cron === 'string'
      ? `cron ${cron}`
      : interval !== undefined && interval !== null
        ? `every ${secondsOf(interval) ?? JSON.stringify(interval)} s`
        : `rrule ${typeof rrule === 'string' ? rrule.replace(/\s+/g, ' ') : JSON.stringify(rrule)}`
  return [
    rule,
    ...(typeof timezone === 'string' ? [`(${timezone})`] : []),
    ...(slug === null ? [] : [`slug ${slug}`]),
    ...(active ? [] : ['inactive']),
    ...(Object.keys(parameters).length === 0 ? [] : ['with parameters'])
  ].join(' ')
}
