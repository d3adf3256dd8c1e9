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

const named = ({ name, type }: WorkPoolRecord): string => `work pool ${shown(name)} (type ${type})`

function unknownKey(
  key: string,
  pool: WorkPoolRecord,
  known: readonly string[],
  folder: string | undefined
): JobVariableProblem {
  const which = `the ${named(pool)} has no job variable ${shown(key)}`
  if (key === 'image' && folder === undefined) {
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
 * Checks job variables against the variables of a pool's base job template. None is required but the image: the pool or
 * a run may set it.
 *
 * @param variables also with dots in their names, as `env.NAME` of 2.x
 * @param folder the folder of flows that are in no image
 */
export function jobVariableProblems(
  variables: Readonly<Record<string, unknown>>,
  pool: WorkPoolRecord,
  folder?: string
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
        : [unknownKey(name, pool, known, folder)]
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
  return [...problems, ...imageProblems(variables, properties, pool, folder)]
}

/** Runs that are containers need an image with the flows. */
function imageProblems(
  variables: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
  pool: WorkPoolRecord,
  folder: string | undefined
): JobVariableProblem[] {
  if (!Object.hasOwn(properties, 'image')) return []
  const valueOf = (name: string) => {
    const rule = properties[name]
    return variables[name] ?? (isObject(rule) ? rule['default'] : undefined)
  }
  const image = valueOf('image')
  if (valueOf('task_definition_arn')) {
    return variables['image']
      ? [
          {
            level: 'error',
            message: `the ${named(pool)} has a task definition (task_definition_arn): its runs would use the image of that, not the job variable "image"`,
            hint: 'Remove task_definition_arn from the pool and the job variables: the worker then registers a task definition with the image of this build.'
          }
        ]
      : []
  }
  if (!image) {
    return [
      {
        level: 'error',
        message: `it has no image, and runs of the ${named(pool)} are containers: they would use Prefect's own image, without the flows`,
        hint: 'Build the flows with docker storage, or use a pool of type process. If the pool mounts the folder of the flows, name the image in work_pool.job_variables.'
      }
    ]
  }
  return folder === undefined
    ? []
    : [
        {
          level: 'warning',
          message: `the flows are in the folder ${folder} and in no image: runs of the ${named(pool)} find them only if their image ${JSON.stringify(image)} has that folder, or the pool mounts it`
        }
      ]
}
