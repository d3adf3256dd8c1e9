import { nearest } from '../../util/text.js'
import type { DeploymentRules } from '../../prefect/deployment-rules.js'
import type { Problems } from '../problems.js'
import { isTemplated } from '../templates.js'
import { isNull, jsonOf, type Json, type JsonObject, type YamlMap, type YamlNode } from '../yaml.js'
import { cronProblem } from './cron.js'
import { intervalSeconds } from './interval.js'
import { rruleProblem } from './rrule.js'
import { isTimezone } from './timezone.js'

/** A schedule in both forms that Prefect reads. */
export interface Schedule {
  /** As an item of `schedules` in `prefect.yaml`. */
  readonly yaml: JsonObject
  /** As an item of `schedules` in the body of a request. */
  readonly body: JsonObject
  /** The parameters that it sets. */
  readonly parameters: YamlMap | undefined
}

const KINDS = ['cron', 'interval', 'rrule']
const KEYS = [
  ...KINDS,
  'timezone',
  'anchor_date',
  'active',
  'parameters',
  'slug',
  'replaces',
  'day_or'
]
/** An ISO 8601 date, with or without a time. */
const DATE =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|[-+]\d\d(?::?\d\d)?))?)?$/

/**
 * Checks one schedule.
 *
 * @param owner the deployment, for messages
 * @returns undefined if there is an error
 */
export function readSchedule(
  node: YamlNode,
  rules: DeploymentRules,
  owner: string,
  problems: Problems
): Schedule | undefined {
  const before = problems.errors.length
  if (node.kind !== 'map') {
    problems.error(node.place, `a schedule of ${owner} must be a mapping such as cron: "0 5 * * *"`)
    return undefined
  }
  for (const [key, { place }] of node.entries) {
    if (KEYS.includes(key)) continue
    const near = nearest(key, KEYS)
    problems.error(
      place,
      `a schedule of ${owner} has the unknown key '${key}', and Prefect would skip the whole file`,
      near === undefined ? `Keys are ${KEYS.join(', ')}.` : `Did you mean '${near}'?`
    )
  }
  const given = KINDS.filter(kind => !isNull(node.entries.get(kind)?.value))
  if (given.length !== 1) {
    problems.error(
      node.place,
      given.length === 0
        ? `a schedule of ${owner} has none of cron, interval and rrule; it needs exactly one`
        : `a schedule of ${owner} has ${given.join(' and ')}; it needs exactly one of them`
    )
  }
  const read = new ScheduleReader(node, owner, problems)
  const yaml: Record<string, Json> = {}
  const schedule: Record<string, Json> = {}
  const timezone = read.timezone()
  const setBoth = (key: string, value: Json | undefined) => {
    if (value === undefined) return
    yaml[key] = value
    schedule[key] = value
  }
  if (given[0] === 'cron') {
    setBoth('cron', read.checkedText('cron', cronProblem))
    setBoth('timezone', timezone)
    setBoth('day_or', read.boolean('day_or'))
  } else if (given[0] === 'interval') {
    setBoth('interval', read.interval())
    setBoth('timezone', timezone)
    setBoth('anchor_date', read.anchorDate())
  } else if (given[0] === 'rrule') {
    const text = read.rrule()
    if (text !== undefined) {
      yaml.rrule = text.yaml
      Object.assign(schedule, text.schedule)
    }
    setBoth('timezone', timezone)
  }
  read.onlyBeside('anchor_date', 'interval', given[0])
  read.onlyBeside('day_or', 'cron', given[0])
  const outer: Record<string, Json> = {}
  const active = read.boolean('active')
  if (active !== undefined) outer.active = active
  const parameters = read.parameters()
  if (parameters !== undefined && parameters.entries.size > 0) outer.parameters = jsonOf(parameters)
  for (const key of ['slug', 'replaces']) {
    const text = read.text(key)
    if (text !== undefined) outer[key] = text
  }
  const body: Record<string, Json> = { schedule, ...outer }
  for (const [key, isKnown] of [
    ['day_or', rules.scheduleDayOr],
    ['parameters', rules.scheduleParameters],
    ['slug', rules.scheduleParameters],
    ['replaces', rules.scheduleReplaces]
  ] as const) {
    if (isKnown || !node.entries.has(key)) continue
    problems.warn(
      node.entries.get(key)?.place ?? node.place,
      `a schedule of ${owner} has ${key}, which this release of Prefect ignores`
    )
    delete body[key]
    delete schedule[key]
  }
  return problems.errors.length > before
    ? undefined
    : { yaml: { ...yaml, ...outer }, body, parameters }
}

/** The values of one schedule, checked. */
class ScheduleReader {
  constructor(
    private readonly map: YamlMap,
    private readonly owner: string,
    private readonly problems: Problems
  ) {}

  private value(key: string): YamlNode | undefined {
    const node = this.map.entries.get(key)?.value
    return isNull(node) ? undefined : node
  }

  private error(node: YamlNode, key: string, problem: string, hint?: string): undefined {
    this.problems.error(node.place, `a schedule of ${this.owner}: ${key} ${problem}`, hint)
  }

  /** A text; a number stands for its text, as in `cron: 5`. */
  text(key: string): string | undefined {
    const node = this.value(key)
    if (node === undefined) return undefined
    return node.kind === 'scalar' && typeof node.value !== 'boolean'
      ? node.text
      : this.error(node, key, 'must be text')
  }

  checkedText(key: string, problemOf: (text: string) => string | undefined): string | undefined {
    const text = this.text(key)
    const node = this.value(key)
    if (text === undefined || node === undefined || isTemplated(text)) return text
    const problem = problemOf(text)
    return problem === undefined ? text : this.error(node, key, `'${text}' ${problem}`)
  }

  timezone(): string | undefined {
    return this.checkedText('timezone', zone =>
      isTimezone(zone) ? undefined : 'is no time zone of the IANA database, such as Europe/Berlin'
    )
  }

  boolean(key: string): boolean | string | undefined {
    const node = this.value(key)
    if (node === undefined) return undefined
    const { value } = node.kind === 'scalar' ? node : { value: undefined }
    if (typeof value === 'boolean') return value
    if (typeof value === 'string') {
      if (isTemplated(value)) return value
      if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
    }
    return this.error(node, key, 'must be true or false')
  }

  /** Seconds, since not every release reads another form. */
  interval(): number | undefined {
    const node = this.value('interval')
    if (node === undefined) return undefined
    const value = node.kind === 'scalar' ? node.value : undefined
    if (isTemplated(value)) {
      return this.error(node, 'interval', 'is a template, which Prefect does not fill there')
    }
    const seconds = intervalSeconds(value)
    if (seconds === undefined) {
      return this.error(
        node,
        'interval',
        'is no duration',
        'Write the seconds, or a duration such as PT1H or 01:30:00.'
      )
    }
    return seconds > 0 ? seconds : this.error(node, 'interval', 'must be longer than 0')
  }

  anchorDate(): string | undefined {
    return this.checkedText('anchor_date', date =>
      DATE.test(date) && !Number.isNaN(Date.parse(date.slice(0, 10)))
        ? undefined
        : 'is no date such as 2026-01-31 or 2026-01-31T09:30:00+01:00'
    )
  }

  /** A rule, or JSON text with a rule and its time zone. */
  rrule(): { yaml: string; schedule: JsonObject } | undefined {
    const node = this.value('rrule')
    const text = this.text('rrule')
    if (node === undefined || text === undefined) return undefined
    if (isTemplated(text)) return { yaml: text, schedule: { rrule: text } }
    if (!text.trimStart().startsWith('{')) {
      const checked = this.checkedText('rrule', rruleProblem)
      return checked === undefined ? undefined : { yaml: checked, schedule: { rrule: checked } }
    }
    let parsed: { rrule?: unknown; timezone?: unknown }
    try {
      parsed = JSON.parse(text) as typeof parsed
    } catch {
      return this.error(node, 'rrule', 'is neither a rule nor JSON')
    }
    const { rrule, timezone } = parsed
    if (typeof rrule !== 'string') return this.error(node, 'rrule', 'is JSON without rrule')
    const problem =
      rruleProblem(rrule) ??
      (timezone === undefined || timezone === null
        ? undefined
        : typeof timezone === 'string' && isTimezone(timezone)
          ? undefined
          : 'has an unknown time zone')
    if (problem !== undefined) return this.error(node, 'rrule', `'${rrule}' ${problem}`)
    return {
      yaml: text,
      schedule: { rrule, ...(typeof timezone === 'string' ? { timezone } : {}) }
    }
  }

  parameters(): YamlMap | undefined {
    const node = this.value('parameters')
    if (node === undefined || node.kind === 'map') return node
    return this.error(node, 'parameters', 'must be a mapping')
  }

  onlyBeside(key: string, kind: string, given: string | undefined): void {
    const node = this.value(key)
    if (node !== undefined && given !== undefined && given !== kind) {
      this.problems.warn(
        node.place,
        `a schedule of ${this.owner}: ${key} has no effect without ${kind}`
      )
    }
  }
}
