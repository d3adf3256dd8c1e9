import type { PrefectRules } from '../prefect/rules.js'
import type { Flow } from '../flows/flow.js'
import type { Storage } from './storage.js'

/**
 * A flow's file as its Prefect release writes it: the raw cloudpickle, from 0.14.3 a JSON envelope
 * (`flow` in base64, `versions` of cloudpickle, prefect and python).
 */
export function flowFile(flow: Flow, rules: PrefectRules): Buffer {
  if (rules.format === 'raw') return flow.bytes
  const { cloudpickle, prefect, python } = flow.versions
  const text = (value: string) => JSON.stringify(value)
  // Prefect writes it with json.dumps, which puts a space behind each comma and colon.
  return Buffer.from(
    `{"flow": "${flow.bytes.toString('base64')}", "versions": {"cloudpickle": ${text(cloudpickle)}, "prefect": ${text(prefect)}, "python": ${text(python)}}}`
  )
}

/** A flow as its storage keeps it. */
export const storedBytes = (flow: Flow, storage: Storage): Buffer =>
  storage.kind === 'local' || storage.kind === 'docker' ? flowFile(flow, storage.rules) : flow.bytes
