import type { WorkPoolRecord } from '../../prefect-api/records.js'
import { nearest } from '../../util/text.js'
import { mismatch, mismatchText } from '../value-schema.js'

/** What is wrong with job variables. */
export interface JobVariableProblem {
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly hint?: string | undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: string): string => JSON.stringify(value)

function unknownKey(
  key: string,
  pool: WorkPoolRecord,
  known: readonly string[]
): JobVariableProblem {
  const which = `the work pool ${shown(pool.name)} (type ${pool.type}) has no job variable ${shown(key)}`
  if (key === 'image') {
    return {
      level: 'error',
      message: `${which}: its runs would not use the image`,
      hint: "Use a pool whose runs are containers, such as type docker or kubernetes, or add `image` to the variables of the pool's base job template."
    }
  }
  const near = nearest(key, known)
  const suggestion = near === undefined ? '' : `; did you mean ${shown(near)}?`
  return { level: 'warning', message: `${which}, so it has no effect${suggestion}` }
}

/**
 * Checks job variables against the variables of a pool's base job template. None is required: the pool or a run may
 * set it.
 *
 * @param variables also with dots in their names, as `env.NAME` of 2.x
 */
export function jobVariableProblems(
  variables: Readonly<Record<string, unknown>>,
  pool: WorkPoolRecord
): readonly JobVariableProblem[] {
  const schema = pool.base_job_template?.['variables']
  if (!isObject(schema) || !isObject(schema['properties'])) return []
  const { properties } = schema
  const known = Object.keys(properties)
  const problems = Object.entries(variables).flatMap(([key, value]): JobVariableProblem[] => {
    const [name = key] = Object.hasOwn(properties, key) ? [key] : key.split('.')
    if (!Object.hasOwn(properties, name)) {
      return schema['additionalProperties'] === true && name !== 'image'
        ? []
        : [unknownKey(name, pool, known)]
    }
    // Optional variables may be null, and a name with dots sets a part.
    if (value === null || name !== key) return []
    const found = mismatch(value, properties[name], { root: schema, requires: false }, [name])
    return found === undefined
      ? []
      : [
          {
            level: 'error',
            message: `the job variable ${shown(found.path.join('.'))} ${mismatchText(found)} (work pool ${shown(pool.name)}, type ${pool.type})`
          }
        ]
  })
  return [...problems, ...taskDefinition(variables, properties, pool)]
}

/** A pool for ECS whose task definition exists already does not use the image. */
function taskDefinition(
  variables: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
  pool: WorkPoolRecord
): JobVariableProblem[] {
  const rule = properties['task_definition_arn']
  const arn = variables['task_definition_arn'] ?? (isObject(rule) ? rule['default'] : undefined)
  if (!arn || !Object.hasOwn(properties, 'image') || !variables['image']) return []
  return [
    {
      level: 'warning',
      message: `the work pool ${shown(pool.name)} (type ${pool.type}) has a task definition (task_definition_arn): its runs use the image of that, not the job variable "image"`
    }
  ]
}
