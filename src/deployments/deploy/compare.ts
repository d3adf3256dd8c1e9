import { isDeepStrictEqual } from 'node:util'
import type { DeploymentBody, Schedule } from './body.js'
import { newSchedules, scheduleText } from './schedules.js'
import type { SecretPaths } from './secret-paths.js'

/** A difference between the server and the file. */
export interface FieldChange {
  /** Such as `job_variables.image`. */
  readonly field: string
  /** The value on the server, `***` for one that is not shown, null for none. */
  readonly from: unknown
  /** The value of the file, likewise. */
  readonly to: unknown
}

/** What a deployment would be written as. */
export interface Comparison {
  readonly changes: readonly FieldChange[]
  /** All fields: those of the file over those of the server. */
  readonly body: DeploymentBody
}

const HIDDEN = '***'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTree = (value: unknown): boolean =>
  isObject(value) || (Array.isArray(value) && value.some(isObject))

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const loginInUrl = /(:\/\/)[^/@\s]+@/g

const shown = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(loginInUrl, `$1${HIDDEN}@`) : (value ?? null)

/** The differing leaves of two values. */
function leaves(
  from: unknown,
  to: unknown,
  path: readonly string[],
  secrets: SecretPaths
): FieldChange[] {
  if (isDeepStrictEqual(from, to)) return []
  if (
    (isTree(from) || isTree(to)) &&
    (isTree(from) || isEmpty(from)) &&
    (isTree(to) || isEmpty(to))
  ) {
    const [one, other] = [from ?? {}, to ?? {}] as Record<string, unknown>[]
    const keys = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])
    const found = [...keys].flatMap(key =>
      leaves(one?.[key], other?.[key], [...path, key], secrets)
    )
    if (found.length > 0) return found
  }
  const isHidden = secrets.has(path)
  const show = (value: unknown) => (value === undefined ? null : isHidden ? HIDDEN : shown(value))
  return [{ field: path.join('.'), from: show(from), to: show(to) }]
}

/** Without the parts of a schema that say nothing: releases differ in whether they write them. */
function plainSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema ?? {}
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([key, value]) =>
        value !== null && !(['definitions', '$defs', 'required'].includes(key) && isEmpty(value))
    )
  )
}

/** The server's value of a field, as the file would say it. */
function asWritten(
  field: string,
  value: unknown,
  current: DeploymentBody,
  body: DeploymentBody
): unknown {
  const wanted = body[field]
  switch (field) {
    case 'parameter_openapi_schema':
      return plainSchema(value)
    case 'labels': {
      // The server has more: labels of the flow.
      if (!isObject(value) || !isObject(wanted)) return value ?? null
      return Object.fromEntries(Object.keys(wanted).map(key => [key, value[key]]))
    }
    case 'concurrency_options': {
      // The server has more, the defaults, or less: an option that it does not answer is one that it does not know.
      if (!isObject(value) || !isObject(wanted)) return value ?? null
      return Object.fromEntries(
        Object.entries(wanted).map(([key, other]) => [key, key in value ? value[key] : other])
      )
    }
    case 'work_queue_name':
      // A pool without a queue means its default one.
      return wanted === null &&
        body.work_pool_name === current.work_pool_name &&
        value === 'default'
        ? null
        : (value ?? null)
    case 'pull_steps':
      return value ?? []
    case 'paused':
      return value ?? false
    default:
      return value ?? null
  }
}

function ofFile(field: string, value: unknown): unknown {
  if (field === 'parameter_openapi_schema') return plainSchema(value)
  if (field === 'pull_steps') return value ?? []
  if (field === 'parameters' || field === 'job_variables') return value ?? {}
  if (field === 'tags') return value ?? []
  return value
}

const namesOf = (schedules: readonly Schedule[]): string | null =>
  schedules.length === 0 ? null : schedules.map(scheduleText).join('; ')

/**
 * Compares what the server has with the file, each field by what it means.
 *
 * @param current the deployment on the server
 * @param wanted the deployment of the file; a field that is absent is not compared
 */
export function compare(
  current: DeploymentBody,
  wanted: DeploymentBody,
  secrets: SecretPaths
): Comparison {
  const changes: FieldChange[] = []
  const body: Record<string, unknown> & { name: string } = { ...current }
  for (const [field, value] of Object.entries(wanted)) {
    if (field === 'name') continue
    if (field === 'schedules') {
      const before = current.schedules ?? []
      const after = newSchedules(wanted.schedules ?? [], before)
      if (after === undefined) continue
      body['schedules'] = after
      changes.push({ field, from: namesOf(before), to: namesOf(after) })
      continue
    }
    const from = asWritten(field, current[field], current, wanted)
    const found = leaves(from, ofFile(field, value), [field], secrets)
    changes.push(...found)
    if (field === 'labels') body['labels'] = { ...current.labels, ...wanted.labels }
    else if (found.length > 0) body[field] = value
  }
  if (body['concurrency_limit'] !== undefined) {
    // The limit that is written takes the place of one that deployments share.
    delete body['global_concurrency_limit_id']
  }
  // A queue belongs to its pool: in another pool, the default one is meant.
  if (body.work_pool_name !== current.work_pool_name && !('work_queue_name' in wanted)) {
    delete body['work_queue_name']
  }
  return { changes, body }
}
