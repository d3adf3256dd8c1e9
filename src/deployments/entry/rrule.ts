import { isTimezone } from './timezone.js'

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY']
const WEEKDAY = /^(?:MO|TU|WE|TH|FR|SA|SU)$/
const WEEKDAYS = 'MO, TU, WE, TH, FR, SA, SU'

/** A date with or without a time, as in iCalendar or as in ISO 8601. */
const DATE =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?$/i

/** As Prefect limits it. */
const LONGEST = 6500

/** What is wrong with the value of each part of a rule; undefined if nothing. */
const PARTS: Readonly<Record<string, (value: string) => string | undefined>> = {
  FREQ: value => (FREQUENCIES.includes(value) ? undefined : `is none of ${FREQUENCIES.join(', ')}`),
  INTERVAL: numbers(1),
  COUNT: numbers(0),
  UNTIL: dates,
  WKST: value => (WEEKDAY.test(value) ? undefined : `is none of ${WEEKDAYS}`),
  BYDAY: days,
  BYWEEKDAY: days,
  BYMONTH: numbers(1, 12),
  BYMONTHDAY: signed(31),
  BYYEARDAY: signed(366),
  BYWEEKNO: signed(53),
  BYSETPOS: signed(366),
  BYEASTER: signed(Infinity, true),
  BYHOUR: numbers(0, 23),
  BYMINUTE: numbers(0, 59),
  BYSECOND: numbers(0, 59)
}
/** Parts with one value and not a list. */
const SINGLE = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST'])

function numbers(least: number, most = Infinity) {
  return (value: string) =>
    /^\+?\d+$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a number from ${least}${most === Infinity ? '' : ` to ${most}`}`
}

function signed(most: number, zero = false) {
  return (value: string) =>
    /^[-+]?\d+$/.test(value) && Math.abs(Number(value)) <= most && (zero || Number(value) !== 0)
      ? undefined
      : most === Infinity
        ? 'must be a number'
        : `must be 1 to ${most}, or -${most} to -1`
}

function days(value: string): string | undefined {
  const day = /^(?:([-+]?\d+)?([A-Z]+)|([A-Z]+)\(([-+]?\d+)\))$/.exec(value)
  const name = day?.[2] ?? day?.[3]
  if (name === undefined || !WEEKDAY.test(name)) return `is none of ${WEEKDAYS}`
  return Number(day?.[1] ?? day?.[4] ?? 1) === 0 ? 'can not be day 0' : undefined
}

function dates(value: string): string | undefined {
  const date = DATE.exec(value)
  if (date === null) return 'is no date such as 20260131 or 20260131T093000Z'
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = date.map(Number)
  const real = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0))
  return real.getUTCMonth() + 1 === month &&
    real.getUTCDate() === day &&
    Number(hour || 0) < 24 &&
    Number(minute || 0) < 60 &&
    Number(second || 0) < 60
    ? undefined
    : 'is a date that does not exist'
}

/**
 * What is wrong with an rrule, as a clause after its name; undefined if Prefect can read it. It is a rule of iCalendar
 * (RFC 5545), or several lines with DTSTART, RRULE, EXRULE, RDATE and EXDATE.
 */
export function rruleProblem(text: string): string | undefined {
  if (text.length > LONGEST) return `is longer than ${LONGEST} characters`
  const lines = text
    .toUpperCase()
    .split(/\s+/)
    .filter(line => line !== '')
  if (lines.length === 0) return 'is empty'
  let rules = 0
  let more = 0
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name = '', ...parameters] = colon === -1 ? ['RRULE'] : line.slice(0, colon).split(';')
    const value = colon === -1 ? line : line.slice(colon + 1)
    if (name === 'RRULE' || name === 'EXRULE') {
      if (parameters.length > 0) return `has '${parameters[0]}' in ${name}, which takes none`
      const problem = ruleProblem(value)
      if (problem !== undefined) return problem
      if (name === 'RRULE') rules += 1
      else more += 1
    } else if (name === 'DTSTART' || name === 'RDATE' || name === 'EXDATE') {
      const problem = dateLineProblem(name, parameters, value, text)
      if (problem !== undefined) return problem
      if (name !== 'DTSTART') more += 1
    } else {
      return `has '${name}', which is none of DTSTART, RRULE, EXRULE, RDATE, EXDATE`
    }
  }
  return rules + more === 0 ? 'has no rule, only a start' : undefined
}

function ruleProblem(rule: string): string | undefined {
  const seen = new Set<string>()
  for (const part of rule.split(';')) {
    const [name = '', value, ...more] = part.split('=')
    if (value === undefined || more.length > 0) return `has '${part}', which is not NAME=VALUE`
    const check = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
    if (check === undefined) return `has the unknown part '${name}'`
    if (seen.has(name)) return `has ${name} twice`
    seen.add(name)
    for (const item of SINGLE.has(name) ? [value] : value.split(',')) {
      const problem = check(item)
      if (problem !== undefined) return `has ${name}=${value}: '${item}' ${problem}`
    }
  }
  return seen.has('FREQ') ? undefined : `has no FREQ, such as FREQ=DAILY`
}

function dateLineProblem(
  name: string,
  parameters: readonly string[],
  value: string,
  text: string
): string | undefined {
  for (const parameter of parameters) {
    const zone = /^TZID=(.*)$/.exec(parameter)?.[1]
    if (zone !== undefined && name !== 'RDATE') {
      const written = new RegExp('TZID=([^:;]+)', 'i').exec(text)?.[1] ?? zone
      if (!isTimezone(written)) return `has the unknown time zone '${written}'`
    } else if (!(
      parameter === 'VALUE=DATE-TIME' ||
      (parameter === 'VALUE=DATE' && name !== 'RDATE')
    ))
      return `has '${parameter}' in ${name}, which Prefect does not read`
  }
  const values = value.split(',')
  if (name === 'DTSTART' && values.length > 1) return 'has several dates in DTSTART'
  for (const date of values) {
    const problem = dates(date)
    if (problem !== undefined) return `has ${name}:${value}: '${date}' ${problem}`
  }
  return undefined
}
