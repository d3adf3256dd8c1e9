import { isDeepStrictEqual } from 'node:util'
import type { DeploymentRules } from '../prefect/deployment-rules.js'
import type { Deployment } from './document.js'
import type { DeploymentEntry } from './entry/entry.js'
import { workingDirectoryStep } from './entry/pull-steps.js'
import { stepPlaceholders } from './templates.js'
import type { Json, JsonObject, Place } from './yaml.js'

/** A deployment as `deployments.json` has it, and as `prefect.yaml` has it. */
export interface DeploymentForms {
  readonly deployment: Deployment
  readonly yaml: JsonObject
}

/** What this build gives a deployment. */
export interface Given {
  readonly rules: DeploymentRules
  /** Null for a storage without an image. */
  readonly image: string | null
  /** The folder that flows run in. */
  readonly path: string
  readonly pull: readonly Json[]
}

/**
 * A deployment in both forms.
 *
 * @param place its place in a file, null if no file has it
 */
export function deploymentForms(
  entry: DeploymentEntry,
  given: Given,
  place: Place | null
): DeploymentForms {
  const { name, flow, triggers, sla } = entry
  return {
    deployment: {
      name,
      flow: flow.name,
      entrypoint: flow.entrypoint,
      image: given.image,
      changed: true,
      file: place?.file ?? null,
      line: place?.line ?? null,
      body: bodyOf(entry, given),
      triggers: triggers.map((trigger, index) => ({
        name: `${name}__automation_${index + 1}`,
        ...trigger
      })),
      sla
    },
    yaml: yamlOf(entry, given)
  }
}

/** The forms with the image of an earlier build, and nothing changed. */
export function unchanged(forms: DeploymentForms, before: Deployment): DeploymentForms {
  const pool = forms.yaml.work_pool as JsonObject
  return {
    deployment: { ...forms.deployment, changed: false, image: before.image, body: before.body },
    yaml: {
      ...forms.yaml,
      work_pool: {
        ...pool,
        job_variables: withImage(pool.job_variables as JsonObject, before.image)
      }
    }
  }
}

/** Whether a deployment differs from an earlier one in nothing but its image. */
export function isSameButImage({ body, triggers, sla }: Deployment, before: Deployment): boolean {
  const shape = (one: Pick<Deployment, 'body' | 'triggers' | 'sla'>) => {
    const { job_variables: now, infra_overrides: old, ...others } = one.body
    const { image, ...variables } = (now ?? old ?? {}) as JsonObject
    const parts = [others, variables, image === undefined, one.triggers, one.sla]
    // As JSON has it: the earlier one was read from a file.
    return JSON.parse(JSON.stringify(parts)) as unknown
  }
  return isDeepStrictEqual(shape({ body, triggers, sla }), shape(before))
}

/** The job variable `image`, if a step of the file would fill it. */
export const stepImage = (image: Json | undefined): string | undefined =>
  typeof image === 'string' && stepPlaceholders(image).length > 0 ? image : undefined

/**
 * Job variables with the image. With a storage without an image, the user's own stays, unless a step would have given
 * it.
 */
function withImage(variables: JsonObject, image: string | null): JsonObject {
  if (image !== null) return { ...variables, image }
  const { image: own, ...others } = variables
  return stepImage(own) === undefined ? variables : others
}

/** The version of a deployment: never the commit, so that an unchanged flow keeps it. */
const versionOf = ({ version, flow }: DeploymentEntry): string => version ?? flow.key

/** What `POST /deployments/` takes. A field that is left out stays as the server has it. */
function bodyOf(entry: DeploymentEntry, { rules, image, pull }: Given): JsonObject {
  const { flow, workPool, paused, concurrency } = entry
  return {
    name: entry.name,
    entrypoint: flow.entrypoint,
    path: null,
    pull_steps: pull,
    work_pool_name: workPool.name,
    ...(workPool.queue === undefined ? {} : { work_queue_name: workPool.queue }),
    [rules.jobVariables]: withImage(workPool.jobVariables, image),
    parameters: entry.parameters,
    parameter_openapi_schema: flow.details.parameterSchema,
    enforce_parameter_schema: entry.enforceParameterSchema ?? rules.enforceParameterSchema,
    ...schedulesBody(entry, rules),
    ...(paused === undefined || rules.schedules === 'one' ? {} : { paused }),
    tags: entry.tags,
    version: versionOf(entry),
    description: entry.description ?? flow.details.description,
    ...(rules.concurrency
      ? {
          concurrency_limit: concurrency?.limit ?? null,
          concurrency_options: concurrency?.options ?? null
        }
      : {})
  }
}

function schedulesBody({ schedules }: DeploymentEntry, rules: DeploymentRules): JsonObject {
  if (schedules === undefined) return {}
  if (rules.schedules === 'several') return { schedules: schedules.map(({ body }) => body) }
  const body = schedules[0]?.body
  return { schedule: body?.schedule ?? null, is_schedule_active: body?.active ?? true }
}

/** The entry as `prefect.yaml` has it: all its keys, with what this build sets. */
function yamlOf(entry: DeploymentEntry, { rules, image, path, pull }: Given): JsonObject {
  const { keys, workPool, schedules } = entry
  const written: Record<string, Json> = {
    ...keys,
    name: entry.name,
    version: versionOf(entry),
    entrypoint: entry.flow.entrypoint,
    work_pool: {
      ...(keys.work_pool as JsonObject | undefined),
      name: workPool.name,
      ...(workPool.queue === undefined ? {} : { work_queue_name: workPool.queue }),
      job_variables: withImage(workPool.jobVariables, image)
    }
  }
  for (const key of ['build', 'push', 'pull', 'schedule', 'schedules']) delete written[key]
  if ('tags' in keys) written.tags = entry.tags
  if (entry.description !== undefined) written.description = entry.description
  if (entry.paused !== undefined) written.paused = entry.paused
  if (schedules !== undefined && rules.schedules === 'several') {
    written.schedules = schedules.map(({ yaml }) => yaml)
  } else if (schedules !== undefined) written.schedule = schedules[0]?.yaml ?? null
  // The step at the top of the file is enough for most.
  if (!isDeepStrictEqual(pull, [workingDirectoryStep(path)])) written.pull = pull
  return written
}
