import { cronProblem } from '../entry/cron.js'
import { rruleProblem } from '../entry/rrule.js'
import { isTimezone } from '../entry/timezone.js'
import { isTemplated } from '../templates.js'
import type { DeploymentBody } from './body.js'
import { mismatch, mismatchText } from '../value-schema.js'

type Values = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Words for booleans, as pydantic reads them. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['true', 't', 'yes', 'y', 'on', '1'].map(word => [word, true])),
  ...Object.fromEntries(['false', 'f', 'no', 'n', 'off', '0'].map(word => [word, false]))
}

const typed = (value: unknown): unknown =>
  typeof value === 'string' ? (BOOLEANS[value.trim().toLowerCase()] ?? value) : value

/** A body that templates were resolved in: they give texts also where a boolean is meant. */
export function withBooleans(body: DeploymentBody): DeploymentBody {
  const { paused, schedules } = body
  return {
    ...body,
    ...(paused === undefined ? {} : { paused: typed(paused) }),
    ...(schedules === undefined
      ? {}
      : {
          schedules: schedules.map(({ schedule, active, ...rest }) => ({
            ...rest,
            active: typed(active) as boolean,
            schedule:
              schedule['day_or'] === undefined
                ? schedule
                : { ...schedule, day_or: typed(schedule['day_or']) }
          }))
        })
  }
}

const wrongBoolean = (field: string, value: unknown): string[] =>
  value === undefined || value === null || typeof value === 'boolean'
    ? []
    : [`${field} must be true or false`]

const wrongText = (
  field: string,
  value: unknown,
  problemOf: (text: string) => string | undefined
): string[] => {
  // The server reads what no `deployments.json` of a build has.
  if (typeof value !== 'string' || isTemplated(value)) return []
  const problem = problemOf(value)
  return problem === undefined ? [] : [`${field} ${JSON.stringify(value)} ${problem}`]
}

const zoneProblem = (zone: string): string | undefined =>
  isTimezone(zone) ? undefined : 'is no time zone of the IANA database'

/** The parameters whose types the schema of the flow does not allow. The names were checked by the build. */
function wrongParameters(field: string, parameters: unknown, schema: unknown): string[] {
  if (!isObject(parameters) || !isObject(schema) || !isObject(schema['properties'])) return []
  const { properties } = schema
  return Object.entries(parameters).flatMap(([name, value]) => {
    // Prefect lets null pass for an optional one, and older schemas don't tell which those are.
    if (value === null || !Object.hasOwn(properties, name)) return []
    const found = mismatch(value, properties[name], { root: schema, requires: false }, [name])
    return found === undefined ? [] : [`${field}.${found.path.join('.')} ${mismatchText(found)}`]
  })
}

/**
 * What is wrong with a body, as the server would say it in the middle of a deploy. A value may have come from a template,
 * which the build could not check.
 *
 * @returns clauses that name the field
 */
export function bodyProblems(body: DeploymentBody): readonly string[] {
  const { tags, paused, parameters, schedules = [], parameter_openapi_schema: schema } = body
  const isEnforced = body['enforce_parameter_schema'] === true
  const checked = (field: string, value: unknown) =>
    isEnforced ? wrongParameters(field, value, schema) : []
  const isList = Array.isArray(tags) && tags.every(tag => typeof tag === 'string')
  const slugs = schedules.flatMap(({ slug }) => (slug === null ? [] : [slug]))
  const twice = slugs.find((slug, index) => slugs.indexOf(slug) !== index)
  return [
    ...(tags === undefined || tags === null || isList ? [] : ['tags must be a list of texts']),
    ...wrongBoolean('paused', paused),
    ...checked('parameters', parameters),
    ...schedules.flatMap(({ schedule, active, parameters: own }, index) => {
      const field = `schedules.${index}`
      return [
        ...wrongBoolean(`${field}.active`, active),
        ...wrongBoolean(`${field}.day_or`, schedule['day_or']),
        ...wrongText(`${field}.cron`, schedule['cron'], cronProblem),
        ...wrongText(`${field}.rrule`, schedule['rrule'], rruleProblem),
        ...wrongText(`${field}.timezone`, schedule['timezone'], zoneProblem),
        ...checked(`${field}.parameters`, own)
      ]
    }),
    ...(twice === undefined ? [] : [`two schedules have the slug ${JSON.stringify(twice)}`])
  ]
}
