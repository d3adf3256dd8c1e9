import { isDeepStrictEqual } from 'node:util'
import type { AutomationRecord } from '../../prefect-api/records.js'
import { TRIGGER_FIELDS, triggerType } from '../trigger-fields.js'
import { secondsOf } from './schedules.js'

type Values = Readonly<Record<string, unknown>>

/** An automation that runs a deployment, as `POST /automations/` takes it. */
export interface TriggerAutomation {
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly trigger: Values
  readonly actions: readonly Values[]
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A trigger with the defaults of Prefect's own client, which are not those of the server. */
function triggerOf(given: Values): Values {
  const type = triggerType(given)
  const names: readonly string[] =
    TRIGGER_FIELDS[type as keyof typeof TRIGGER_FIELDS] ?? Object.keys(given)
  const fields = Object.fromEntries(
    names.flatMap(name => (given[name] === undefined ? [] : [[name, given[name]]]))
  )
  if (type === 'event') {
    const posture = given['posture'] ?? 'Reactive'
    const within = given['within'] ?? 0
    return {
      type,
      match: {},
      match_related: {},
      after: [],
      expect: [],
      for_each: [],
      threshold: 1,
      ...fields,
      posture,
      // A proactive trigger waits at least ten seconds.
      within: posture === 'Proactive' && (secondsOf(within) ?? 1) === 0 ? 10 : within
    }
  }
  if (type === 'metric') return { type, match: {}, match_related: {}, posture: 'Metric', ...fields }
  const { triggers } = given
  return {
    type,
    ...fields,
    ...(Array.isArray(triggers)
      ? { triggers: triggers.map(each => (isObject(each) ? triggerOf(each) : (each as unknown))) }
      : {})
  }
}

/**
 * The automation of a trigger in `prefect.yaml`, as `prefect deploy` makes it.
 *
 * @param deployment id of the deployment that it runs
 * @param index of the trigger, from 1
 */
export function automationOf(
  given: Values,
  name: string,
  deployment: string,
  index: number
): TriggerAutomation {
  return {
    name: typeof given['name'] === 'string' ? given['name'] : `${name}__automation_${index}`,
    description: typeof given['description'] === 'string' ? given['description'] : '',
    enabled: given['enabled'] !== false,
    trigger: triggerOf(given),
    actions: [
      {
        type: 'run-deployment',
        source: 'selected',
        deployment_id: deployment,
        parameters: given['parameters'] ?? null,
        job_variables: given['job_variables'] ?? null,
        ...(given['schedule_after'] === undefined
          ? {}
          : { schedule_after: given['schedule_after'] })
      }
    ]
  }
}

/** Whether an automation runs a deployment. */
export const runsDeployment = ({ actions }: AutomationRecord, deployment: string): boolean =>
  actions.some(
    action => action['type'] === 'run-deployment' && action['deployment_id'] === deployment
  )

const SETS = new Set(['after', 'expect', 'for_each'])
const DURATIONS = new Set(['within', 'range', 'firing_for', 'schedule_after'])

/** Whether the server's value has all that is wanted: it adds ids and defaults. */
function has(found: unknown, wanted: unknown, key = ''): boolean {
  if (wanted === null || wanted === undefined) return found === null || found === undefined
  // Older servers drop it.
  if (key === 'schedule_after' && found === undefined) return true
  if (DURATIONS.has(key)) return isDeepStrictEqual(secondsOf(found), secondsOf(wanted))
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return false
    if (SETS.has(key)) return isDeepStrictEqual(new Set(found), new Set(wanted))
    return wanted.every((each, index) => has(found[index], each))
  }
  // These are data, in which the server adds nothing.
  if (key === 'parameters' || key === 'job_variables') return isDeepStrictEqual(found, wanted)
  if (!isObject(wanted)) return found === wanted
  return (
    isObject(found) &&
    Object.entries(wanted).every(([name, value]) => has(found[name], value, name))
  )
}

/** Whether an automation on the server is what is wanted. */
export const isSameAutomation = (found: AutomationRecord, wanted: TriggerAutomation): boolean =>
  has(found, wanted)

/** The fields of an automation that not every release has. */
const NEWER_FIELDS = ['tags', 'actions_on_trigger', 'actions_on_resolve']

/** The automation that makes one anew as it was. */
export function automationAsItWas(record: AutomationRecord): TriggerAutomation {
  const { name, description, enabled, trigger, actions } = record
  const newer = NEWER_FIELDS.flatMap(field => (field in record ? [[field, record[field]]] : []))
  return {
    ...(Object.fromEntries(newer) as object),
    name,
    description: description ?? '',
    enabled: enabled ?? true,
    trigger,
    actions
  }
}
