import { nearest } from '../../util/text.js'
import type { Problems } from '../problems.js'
import { isTemplated } from '../templates.js'
import { TRIGGER_FIELDS, triggerType } from '../trigger-fields.js'
import {
  isNull,
  jsonOf,
  valueOf,
  type Json,
  type JsonObject,
  type YamlMap,
  type YamlNode
} from '../yaml.js'
import { intervalSeconds } from './interval.js'

/** Fields of the automation that a trigger of a deployment becomes. */
const OF_AUTOMATION = [
  'type',
  'name',
  'description',
  'enabled',
  'parameters',
  'job_variables',
  'schedule_after'
]
/** A trigger inside another has none of these. */
const OF_INNER = ['type', 'id']

type Kind = keyof typeof TRIGGER_FIELDS
const KINDS = Object.keys(TRIGGER_FIELDS) as Kind[]
const POSTURES = ['Reactive', 'Proactive']

const isTexts = (value: Json): boolean =>
  Array.isArray(value) && value.every(item => typeof item === 'string')
const isMapping = (value: Json): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isDuration = (value: Json): boolean => (intervalSeconds(value) ?? -1) >= 0

/** What each field must be, and whether a value is that. */
const CHECKS: Readonly<Record<string, readonly [string, (value: Json) => boolean]>> = {
  match: ['a mapping', isMapping],
  // Newer releases take several of these.
  match_related: ['a mapping', value => isMapping(value) || Array.isArray(value)],
  after: ['a list of texts', isTexts],
  expect: ['a list of texts', isTexts],
  for_each: ['a list of texts', isTexts],
  threshold: ['a whole number', value => Number.isInteger(Number(value)) && value !== ''],
  within: ['a number of seconds or a duration such as PT1M', isDuration],
  schedule_after: ['a number of seconds or a duration such as PT1M', isDuration],
  metric: ['a mapping', isMapping],
  parameters: ['a mapping', isMapping],
  job_variables: ['a mapping', isMapping]
}

/**
 * Checks a trigger of a deployment, as `prefect deploy` does before it makes an automation of it. A field that Prefect
 * does not know is a warning: it ignores it, and the trigger then waits for other events than was meant.
 *
 * @param owner the deployment, for messages
 */
export function checkTrigger(
  node: YamlMap,
  owner: string,
  problems: Problems,
  isInner = false
): void {
  const values = jsonOf(node) as JsonObject
  const kind = triggerType(values)
  const trigger = `a trigger of ${owner}`
  if (!isKind(kind)) {
    problems.error(
      placeOf(node, 'type'),
      `${trigger} has the type '${kind}', which is none of ${KINDS.join(', ')}`
    )
    return
  }
  const known = [...TRIGGER_FIELDS[kind], ...(isInner ? OF_INNER : OF_AUTOMATION)]
  for (const [key, { place, value }] of node.entries) {
    if (!known.includes(key)) {
      const near = nearest(key, known)
      problems.warn(
        place,
        `${trigger} has the key '${key}', which Prefect does not read${near === undefined ? '' : `; did you mean '${near}'?`}`
      )
      continue
    }
    const [words, isRight] = CHECKS[key] ?? []
    const given = jsonOf(value)
    if (isRight === undefined || given === null || isTemplated(given) || isRight(given)) continue
    problems.error(value.place, `${trigger} has ${key} that is not ${words ?? ''}`)
  }
  if (kind === 'event') checkEvent(node, values, trigger, problems)
  if (kind === 'metric' && isNull(valueOf(node, 'metric'))) {
    problems.error(node.place, `${trigger} is of the type metric and has no metric`)
  }
  if (kind === 'compound' || kind === 'sequence') checkInner(node, kind, owner, problems)
}

const isKind = (text: string): text is Kind => KINDS.some(kind => kind === text)

const placeOf = (node: YamlMap, key: string) => valueOf(node, key)?.place ?? node.place

function checkEvent(
  node: YamlMap,
  { posture, within, expect, match, match_related, after }: JsonObject,
  trigger: string,
  problems: Problems
): void {
  if (typeof posture === 'string' && !isTemplated(posture) && !POSTURES.includes(posture)) {
    problems.error(
      placeOf(node, 'posture'),
      `${trigger} has the posture '${posture}', which is none of ${POSTURES.join(', ')}`
    )
  }
  const seconds = within === undefined ? 0 : intervalSeconds(within)
  if (posture === 'Proactive' && seconds !== undefined && seconds > 0 && seconds < 10) {
    problems.error(
      placeOf(node, 'within'),
      `${trigger} is Proactive, so within must be at least 10 seconds`
    )
  }
  if ([expect, match, match_related, after].every(isEmpty)) {
    problems.warn(
      node.place,
      `${trigger} has neither match nor expect, so every event starts a run, those of its own runs too`
    )
  }
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && Object.keys(value).length === 0)

function checkInner(node: YamlMap, kind: Kind, owner: string, problems: Problems): void {
  const trigger = `a trigger of ${owner}`
  const inner: YamlNode | undefined = valueOf(node, 'triggers')
  if (inner?.kind !== 'list' || inner.items.length === 0) {
    problems.error(
      placeOf(node, 'triggers'),
      `${trigger} is of the type ${kind} and has no list of triggers`
    )
    return
  }
  for (const item of inner.items) {
    if (item.kind === 'map') checkTrigger(item, owner, problems, true)
    else problems.error(item.place, `${trigger} has triggers that are no mappings`)
  }
  const require = valueOf(node, 'require')
  if (kind !== 'compound' || require?.kind !== 'scalar' || isTemplated(require.value)) return
  const { value } = require
  const isCount = typeof value === 'number' && value >= 1 && value <= inner.items.length
  if (value === 'any' || value === 'all' || isCount) return
  problems.error(
    require.place,
    `${trigger} has require '${require.text}', which is neither any, all nor a number from 1 to ${inner.items.length}`
  )
}
