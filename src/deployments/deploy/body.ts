import type { DeploymentRecord } from '../../prefect-api/records.js'
import type { ServerFacts } from '../../prefect-api/server.js'
import type { DeploymentEntry } from './deployments-file.js'

/** A schedule of a {@link DeploymentBody}. */
export interface Schedule {
  readonly schedule: Readonly<Record<string, unknown>>
  readonly active: boolean
  readonly parameters: Readonly<Record<string, unknown>>
  readonly slug: string | null
  readonly max_scheduled_runs?: number
}

/**
 * A deployment with the field names of 3.x, whichever release wrote it. A field that is absent stays as it is on the
 * server.
 */
export interface DeploymentBody {
  readonly [field: string]: unknown
  readonly name: string
  readonly job_variables?: Readonly<Record<string, unknown>>
  readonly labels?: Readonly<Record<string, unknown>>
  readonly schedules?: readonly Schedule[]
  readonly work_pool_name?: string | null
  readonly work_queue_name?: string | null
}

/** Without the fields that are undefined. */
const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

interface LooseSchedule {
  readonly schedule: Readonly<Record<string, unknown>>
  readonly active?: boolean | string | null | undefined
  readonly parameters?: Readonly<Record<string, unknown>> | null | undefined
  readonly slug?: string | null | undefined
  readonly max_scheduled_runs?: number | null | undefined
}

// `replaces` is left out: a write replaces the whole list.
const scheduleOf = (given: LooseSchedule): Schedule => ({
  schedule: given.schedule,
  active: (given.active ?? true) as boolean,
  parameters: given.parameters ?? {},
  slug: given.slug ?? null,
  ...(given.max_scheduled_runs ? { max_scheduled_runs: given.max_scheduled_runs } : {})
})

interface Scheduled {
  readonly schedules?: readonly LooseSchedule[] | null | undefined
  readonly schedule?: Readonly<Record<string, unknown>> | null | undefined
  readonly is_schedule_active?: boolean | null | undefined
  readonly paused?: unknown
}

/** Schedules and pause, from the list of 2.16 and newer or from the one schedule before that. */
function scheduling(given: Scheduled, hasList: boolean): Record<string, unknown> {
  if (hasList) {
    return { schedules: given.schedules?.map(scheduleOf), paused: given.paused ?? undefined }
  }
  const { schedule, is_schedule_active: active } = given
  return {
    schedules:
      schedule === undefined ? undefined : schedule === null ? [] : [scheduleOf({ schedule })],
    paused: typeof active === 'boolean' ? !active : undefined
  }
}

/** The body of a deployment in the file. */
export function bodyOf(entry: DeploymentEntry['body']): DeploymentBody {
  const {
    infra_overrides,
    job_variables,
    schedule,
    schedules,
    is_schedule_active,
    paused,
    ...rest
  } = entry
  const hasList = schedule === undefined && is_schedule_active === undefined
  return {
    ...present(rest),
    name: entry.name,
    ...present({
      job_variables: job_variables ?? infra_overrides ?? undefined,
      ...scheduling({ schedule, schedules, is_schedule_active, paused }, hasList)
    }),
    // Blocks of the time before work pools: with a pool they must not be set.
    storage_document_id: entry.storage_document_id ?? null,
    infrastructure_document_id: entry.infrastructure_document_id ?? null
  }
}

/** The labels that the server adds itself begin so. */
const SYSTEM_LABEL = 'prefect.'

/** The body that writes a deployment as the server has it. */
export function bodyOfRecord(record: DeploymentRecord, server: ServerFacts): DeploymentBody {
  const limit = record.global_concurrency_limit
  const isOwnLimit = limit?.name === `deployment:${record.id}`
  const labels = Object.entries(record.labels ?? {}).filter(
    ([key]) => !key.startsWith(SYSTEM_LABEL)
  )
  return {
    name: record.name,
    ...present({
      entrypoint: record.entrypoint ?? null,
      path: record.path ?? null,
      pull_steps: record.pull_steps ?? null,
      work_pool_name: record.work_pool_name ?? null,
      work_queue_name: record.work_queue_name ?? null,
      job_variables: record.job_variables ?? record.infra_overrides ?? {},
      parameters: record.parameters ?? {},
      parameter_openapi_schema: record.parameter_openapi_schema ?? null,
      enforce_parameter_schema: record.enforce_parameter_schema ?? undefined,
      ...scheduling(record, server.hasSchedules),
      tags: record.tags ?? [],
      labels: server.hasLabels ? Object.fromEntries(labels) : undefined,
      version: record.version ?? null,
      description: record.description ?? null,
      ...(server.hasConcurrencyLimit
        ? {
            // A limit that several deployments share has another name, and is kept by its id.
            ...(limit && !isOwnLimit
              ? { global_concurrency_limit_id: limit.id }
              : { concurrency_limit: limit?.limit ?? null }),
            concurrency_options: record.concurrency_options ?? null
          }
        : {}),
      storage_document_id: record.storage_document_id ?? null,
      infrastructure_document_id: record.infrastructure_document_id ?? null
    })
  }
}

/** What a server does not take of a body, and the body without it. */
export interface FittingBody {
  readonly body: DeploymentBody
  /** Fields that were left out although they say something. */
  readonly leftOut: readonly string[]
  /** Why the deployment can't be made there, as a clause; undefined if it can. */
  readonly problem: string | undefined
}

/** A body with what a server takes. */
export function fitting(given: DeploymentBody, server: ServerFacts): FittingBody {
  const leftOut: string[] = []
  const body: Record<string, unknown> & { name: string } = { ...given }
  const leave = (field: string) => {
    const value = body[field]
    if (value !== null && value !== undefined) leftOut.push(field)
    delete body[field]
  }
  if (!server.hasLabels) {
    if (Object.keys(given.labels ?? {}).length === 0) delete body['labels']
    else leave('labels')
  }
  if (!server.hasConcurrencyLimit) {
    leave('concurrency_limit')
    leave('concurrency_options')
  }
  // 2.x ignores job variables that are empty.
  if (server.resetsAbsentFields && Object.keys(given.job_variables ?? {}).length === 0) {
    delete body['job_variables']
  }
  const { schedules } = given
  let problem: string | undefined
  if (schedules !== undefined && !server.hasScheduleParameters) {
    if (schedules.some(({ parameters }) => Object.keys(parameters).length > 0)) {
      problem = 'a schedule has parameters, which servers have since 3.2'
    }
    body['schedules'] = schedules.map(schedule => ({ ...schedule, parameters: {}, slug: null }))
  }
  if (schedules !== undefined && !server.hasSchedules) {
    if (schedules.length > 1) problem = 'it has several schedules, which servers have since 2.16'
    if (schedules[0]?.active === false) body['paused'] = true
    body['schedules'] = schedules.map(schedule => ({ ...schedule, active: true }))
  }
  return { body, leftOut, problem }
}

/**
 * The body of an update, without the work pool if the server needs not check the job variables against it again: it did
 * that when they were written, and only the image has changed. That check is most of what a write costs a server.
 *
 * @param changed the fields that change, such as `job_variables.image`
 */
export function bodyOfUpdate(
  body: DeploymentBody,
  changed: readonly string[],
  server: ServerFacts
): DeploymentBody {
  const isPoolAsBefore = changed.every(
    field => field === 'job_variables.image' || !/^(work_|job_variables)/.test(field)
  )
  // What Prefect Cloud does with an absent field can't be read in a release.
  const staysIfAbsent = !server.resetsAbsentFields && server.version !== null
  if (!isPoolAsBefore || !staysIfAbsent) return body
  return {
    ...present({ ...body, work_pool_name: undefined, work_queue_name: undefined }),
    name: body.name
  }
}

/** A body as a server reads it. */
export function wireBody(body: DeploymentBody, flow: string, server: ServerFacts): object {
  const { job_variables, schedules, paused, ...rest } = body
  return {
    ...rest,
    flow_id: flow,
    ...(job_variables === undefined ? {} : { [server.jobVariables]: job_variables }),
    ...(server.hasSchedules
      ? present({
          paused,
          schedules: schedules?.map(({ parameters, slug, ...schedule }) => ({
            ...schedule,
            ...(server.hasScheduleParameters ? { parameters, slug } : {})
          }))
        })
      : present({
          schedule: schedules === undefined ? undefined : (schedules[0]?.schedule ?? null),
          is_schedule_active: paused === undefined ? undefined : paused !== true
        }))
  }
}
