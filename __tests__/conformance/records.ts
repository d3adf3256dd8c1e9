import type { Deployed } from '../helpers/prefect-server.js'

type Fields = Readonly<Record<string, unknown>>

/** Fields that a server fills in by itself. */
const OF_THE_SERVER = new Set([
  ...['id', 'created', 'updated', 'created_by', 'updated_by', 'flow_id', 'work_queue_id'],
  ...['last_polled', 'status', 'deployment_id', 'version_id', 'version_info', 'branch', 'base']
])

/** The labels that a server, or this project, adds to those of the user. */
const ADDED_LABEL = /^(prefect\.|flowstore)/

const withoutOwn = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !OF_THE_SERVER.has(name)))

const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined

const sorted = (values: readonly unknown[]): unknown[] =>
  [...values].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))

/** Each limit is an object of the server, named after the deployment's id. */
function limitOf(value: unknown): unknown {
  const { active, limit } = asFields(value) ?? {}
  return value == null ? value : { active, limit }
}

/** A schema; 3.0 adds an empty table of definitions to one that needs none. */
function schemaOf(value: unknown): unknown {
  const { definitions, ...rest } = asFields(value) ?? {}
  return Object.keys(asFields(definitions) ?? {}).length === 0 ? rest : value
}

/** An automation without the ids that a server gives it, its triggers and the deployment that it runs. */
function automationOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(automationOf)
  const fields = asFields(value)
  if (fields === undefined) return value
  return Object.fromEntries(
    Object.entries(withoutOwn(fields)).map(([name, each]) => [name, automationOf(each)])
  )
}

/**
 * A deployment's record without what differs from one registration to the next. The schedules are a set: a server
 * gives them in any order.
 */
export function comparable(record: Deployed): Fields {
  const { automations, schedules, labels, ...limited } = withoutOwn(record)
  const { global_concurrency_limit: limit, ...rest } = limited
  const { description, parameter_openapi_schema: schema, ...others } = rest
  const kept = Object.entries(asFields(labels) ?? {}).filter(([name]) => !ADDED_LABEL.test(name))
  return {
    ...others,
    // `prefect deploy` of 3.x makes this text of a flow without a docstring.
    description: description === 'None' ? null : description,
    schema: schemaOf(schema),
    labels: Object.fromEntries(kept),
    limit: limitOf(limit),
    automations: Array.isArray(automations) ? sorted(automations.map(automationOf)) : automations,
    schedules: Array.isArray(schedules)
      ? sorted(schedules.map(schedule => withoutOwn(schedule as Fields)))
      : schedules
  }
}

/** Records by `FLOW/DEPLOYMENT`. */
export const byName = (records: readonly Deployed[]): Record<string, Fields> =>
  Object.fromEntries(
    records.map(record => [`${record.flow_name}/${record.name}`, comparable(record)])
  )
