import * as z from '../util/schema.js'

const text = z.string().nullish()
const values = z.record(z.string(), z.unknown())

/** When a record was made and last written, as ISO texts by the server's clock. */
const dates = { created: text, updated: text }

/** A record with its dates. */
export interface Dated {
  readonly created?: string | null | undefined
  readonly updated?: string | null | undefined
}

/** A record that was written, and whether it is new. */
export interface Written<T> {
  readonly record: T
  readonly isNew: boolean
}

/** Whether a record was made at a time of the server's clock or later; true if that can't be known. */
export const isMadeSince = ({ created }: Dated, time: number | undefined): boolean =>
  !created || time === undefined || Date.parse(created) >= time

/** The fields of a schedule that a request and an answer have alike. */
export const scheduleFields = {
  schedule: values,
  parameters: values.nullish(),
  slug: text,
  max_scheduled_runs: z.number().nullish()
}

/** The fields of a deployment that a request and an answer have alike. */
export const deploymentFields = {
  version: text,
  description: text,
  path: text,
  pull_steps: z.array(values).nullish(),
  work_pool_name: text,
  work_queue_name: text,
  job_variables: values.nullish(),
  infra_overrides: values.nullish(),
  parameters: values.nullish(),
  parameter_openapi_schema: values.nullish(),
  enforce_parameter_schema: z.boolean().nullish(),
  schedule: values.nullish(),
  is_schedule_active: z.boolean().nullish(),
  paused: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  concurrency_limit: z.number().nullish(),
  concurrency_options: values.nullish(),
  storage_document_id: text,
  infrastructure_document_id: text
}

export const deploymentSchema = z.looseObject({
  ...deploymentFields,
  ...dates,
  last_polled: text,
  id: z.string(),
  name: z.string(),
  flow_id: z.string(),
  entrypoint: text,
  schedules: z.array(z.looseObject({ ...scheduleFields, active: z.boolean().nullish() })).nullish(),
  labels: values.nullish(),
  global_concurrency_limit: z
    .looseObject({ id: z.string(), name: z.string(), limit: z.number() })
    .nullish()
})

/** A deployment, as the API answers it. */
export type DeploymentRecord = z.infer<typeof deploymentSchema>

export const flowSchema = z.looseObject({ ...dates, id: z.string(), name: z.string() })

/** A flow, as the API answers it. */
export type FlowRecord = z.infer<typeof flowSchema>

export const workPoolSchema = z.looseObject({
  name: z.string(),
  type: z.string(),
  base_job_template: values.nullish(),
  is_paused: z.boolean().nullish()
})

/** A work pool, as the API answers it. */
export type WorkPoolRecord = z.infer<typeof workPoolSchema>

export const variableSchema = z.looseObject({ value: z.unknown() })

export const blockSchema = z.looseObject({ data: values })

export const automationSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: text,
  enabled: z.boolean().nullish(),
  trigger: values,
  actions: z.array(values)
})

/** An automation, as the API answers it. */
export type AutomationRecord = z.infer<typeof automationSchema>
