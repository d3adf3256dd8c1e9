/** A field of a cron text: its name, its smallest and largest value, and the words for values. */
interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly words: Readonly<Record<string, number>>
}

const numbered = (names: string, first: number): Readonly<Record<string, number>> =>
  Object.fromEntries(names.split(' ').map((name, index) => [name, index + first]))

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, words: {} },
  { name: 'hour', least: 0, most: 23, words: {} },
  { name: 'day of the month', least: 1, most: 31, words: {} },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1)
  },
  {
    name: 'day of the week',
    least: 0,
    most: 6,
    words: numbered('sun mon tue wed thu fri sat', 0)
  },
  { name: 'second', least: 0, most: 59, words: {} },
  { name: 'year', least: 1970, most: 2099, words: {} }
]
const DAY = 2
const WEEKDAY = 4

const ALIASES = ['@midnight', '@hourly', '@daily', '@weekly', '@monthly', '@yearly', '@annually']

/**
 * What is wrong with a cron text, as a clause after its name; undefined if Prefect can read it. The rules are those of
 * croniter, which Prefect reads it with: 5 fields, or 6 with seconds, or 7 with years, at the end.
 */
export function cronProblem(text: string): string | undefined {
  const lower = text.toLowerCase()
  if (ALIASES.includes(lower)) return undefined
  const fields = lower.split(/\s+/).filter(field => field !== '')
  if (fields.length === 1 && lower.startsWith('@')) {
    return `is none of ${ALIASES.join(', ')}`
  }
  if (fields.length < 5 || fields.length > 7) {
    return `has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, not 5: minute, hour, day, month, day of the week`
  }
  for (const [index, text] of fields.entries()) {
    const problem = fieldProblem(text, index, fields.length)
    if (problem !== undefined) return problem
  }
  return undefined
}

function fieldProblem(text: string, index: number, count: number): string | undefined {
  const field = FIELDS[index]
  if (field === undefined) return undefined
  const wrong = (part: string, why: string) => `has '${part}' as ${field.name}: ${why}`
  if (/^[hr](?:\(|\/|$)/.test(text)) return wrong(text, 'Prefect has no random and hashed values')
  if (text === '?') {
    return index === DAY || index === WEEKDAY
      ? undefined
      : wrong(text, '? is for the day of the month and the day of the week')
  }
  const kinds = new Set<string>()
  for (const item of text.split(',')) {
    const nth = index === WEEKDAY ? /^(.+)#(\d+)$/.exec(item) : null
    const last = index === WEEKDAY ? /^l(\d+)$/.exec(item) : null
    if (nth && (Number(nth[2]) < 1 || Number(nth[2]) > 5)) {
      return wrong(item, 'the number after # must be 1 to 5')
    }
    if (item !== '*') kinds.add(nth || last ? 'nth' : 'all')
    const why = itemProblem(nth?.[1] ?? last?.[1] ?? item, field, index, count)
    if (why !== undefined) return wrong(item, why)
  }
  return kinds.size > 1 && index === WEEKDAY
    ? wrong(text, 'days with # or L can not stand beside other days')
    : undefined
}

function itemProblem(item: string, field: Field, index: number, count: number): string | undefined {
  const [range = '', step, ...more] = item.split('/')
  if (more.length > 0) return 'it has more than one /'
  if (step !== undefined && (!/^\d+$/.test(step) || Number(step) === 0)) {
    return 'the step after / must be a number from 1'
  }
  if (range === '*') return undefined
  if (range === 'l' && index === DAY && step === undefined) return undefined
  const bounds = range.split('-')
  if (bounds.length > 2) return 'a range has two ends'
  for (const [position, bound] of bounds.entries()) {
    if (index === DAY && position === 1 && bound === 'l') continue
    const value = field.words[bound] ?? (/^\d+$/.test(bound) ? Number(bound) : undefined)
    const words = Object.keys(field.words)
    if (value === undefined) {
      return words.length > 0
        ? `'${bound}' is no number and none of ${words.join(', ')}`
        : `'${bound}' is no number`
    }
    // 7 is Sunday too, but only beside four other fields.
    const most = index === WEEKDAY && count === 5 ? 7 : field.most
    if (value < field.least || value > most) return `it must be ${field.least} to ${most}`
  }
  return undefined
}
