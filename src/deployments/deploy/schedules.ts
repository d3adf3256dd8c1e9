import { isDeepStrictEqual } from 'node:util'
import type { Schedule } from './body.js'

const DAY = 86_400

/** Seconds of an interval: a number, `HH:MM:SS` with or without days, or ISO 8601; undefined for any other text. */
export function secondsOf(interval: unknown): number | undefined {
  if (typeof interval === 'number') return interval
  if (typeof interval !== 'string') return undefined
  const text = interval.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const clock = /^(?:(\d+)\s*(?:d|days?)?,?\s+)?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?$/i.exec(text)
  if (clock !== null) {
    const [days, hours, minutes, seconds] = clock.slice(1).map(part => Number(part ?? 0))
    return (days ?? 0) * DAY + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  }
  const iso = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    text
  )
  if (iso === null || text === 'P') return undefined
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map(part => Number(part ?? 0))
  return (
    ((weeks ?? 0) * 7 + (days ?? 0)) * DAY +
    (hours ?? 0) * 3600 +
    (minutes ?? 0) * 60 +
    (seconds ?? 0)
  )
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
