import { hostname } from 'node:os'
import type { StorageType } from '../prefect/rules.js'
import type { Storage } from './storage.js'

/**
 * Labels that a storage gives its flows: local files are on this machine alone, so Prefect's local
 * storage names it. Undefined for storages that no release with a flows.json has a class for.
 */
export function storageLabels(kind: StorageType): readonly string[] | undefined {
  if (kind === 'local') return [hostname()]
  return kind === 'docker' ? [] : undefined
}

/** As Python sorts text: by code point, where JavaScript takes half of a surrogate pair for one. */
const byCodePoint = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other))

/** JSON of an object from the JSON of its fields, keys sorted. */
const objectJson = (fields: Readonly<Record<string, string>>): string =>
  `{${Object.entries(fields)
    .sort(([one], [other]) => byCodePoint(one, other))
    .map(([name, json]) => `${JSON.stringify(name)}: ${json}`)
    .join(', ')}}`

/** JSON as Python writes it with sorted keys. */
export function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify(value)
  }
  return objectJson(
    Object.fromEntries(Object.entries(value).map(([name, field]) => [name, sortedJson(field)]))
  )
}

/**
 * The document that `prefect register --json` takes: every flow of a storage, each with that storage,
 * sorted by name as `prefect build` writes them.
 *
 * @returns undefined where the storage's release reads none or has no class for the storage, and
 * where a flow came without its serialized form
 */
export function flowsJson(storage: Storage): string | undefined {
  if (!storage.rules.flowsJson || !storage.readable) return undefined
  const serialized = sortedJson(storage.serialize())
  const flows: string[] = []
  for (const flow of [...storage.added.values()].sort((a, b) => byCodePoint(a.name, b.name))) {
    if (flow.serialized === undefined) return undefined
    flows.push(objectJson({ ...flow.serialized, storage: serialized }))
  }
  return `{"flows": [${flows.join(', ')}], "version": 1}\n`
}
