/** As pydantic reads a timedelta: ISO 8601. */
const ISO =
  /^([-+])?P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
/** The other way: `1 day, 02:30:00`, `02:30`. */
const CLOCK =
  /^([-+])?(?:(\d+) ?(?:d|days?),? ?)?(?:(\d{1,}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?)?$/i

const DAY = 86_400

/**
 * The seconds of an interval: a number of seconds, ISO 8601 such as `PT1H`, or `01:30:00`. Undefined if it is none of
 * these.
 */
export function intervalSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const iso = /P.*\d/.test(value) && !value.endsWith('T') ? ISO.exec(value) : null
  if (iso) {
    const [, sign, ...amounts] = iso
    const seconds = [365 * DAY, 30 * DAY, 7 * DAY, DAY, 3600, 60, 1]
    return (
      signOf(sign) *
      amounts.reduce((sum, amount, at) => sum + Number(amount ?? 0) * (seconds[at] ?? 0), 0)
    )
  }
  const clock = /\d/.test(value) ? CLOCK.exec(value) : null
  if (clock === null) return undefined
  const [, sign, days, hours, minutes, seconds] = clock
  return (
    signOf(sign) *
    (Number(days ?? 0) * DAY +
      Number(hours ?? 0) * 3600 +
      Number(minutes ?? 0) * 60 +
      Number(seconds ?? 0))
  )
}

const signOf = (sign: string | undefined): number => (sign === '-' ? -1 : 1)
