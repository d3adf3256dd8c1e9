import { STORAGE_KINDS, type StorageKind } from '../prefect/storage-kinds.js'
import type { SerializedStorage, Storage } from './storage.js'

/**
 * Labels that a storage gives its flows. Local files are only on this machine, so Prefect's local storage has
 * its name as a label.
 *
 * @param hostname the machine's name
 * @returns undefined for storages without a class in any release with a flows.json
 */
export function storageLabels(kind: StorageKind, hostname: string): readonly string[] | undefined {
  const { label } = STORAGE_KINDS[kind]
  if (label === null) return undefined
  return label === 'hostname' ? [hostname] : []
}

/** Python's order of texts, by code point; JavaScript compares halves of surrogate pairs. */
const byCodePoint = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other))

/** JSON of an object from the JSON of its fields, keys sorted. */
const objectJson = (fields: Readonly<Record<string, string>>): string =>
  `{${Object.entries(fields)
    .sort(([one], [other]) => byCodePoint(one, other))
    .map(([name, json]) => `${JSON.stringify(name)}: ${json}`)
    .join(', ')}}`

function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify(value)
  }
  return objectJson(
    Object.fromEntries(Object.entries(value).map(([name, field]) => [name, sortedJson(field)]))
  )
}

/** Stands for the storage in {@link flowsTemplate}; no JSON holds the character. */
const STORAGE_MARK = '\0'

/** Between a flow's name, its JSON and the next flow in {@link flowsTemplate}; no JSON holds the character. */
const FLOW_MARK = '\x01'

/**
 * What {@link flowsJson} is made from: for each flow its name and its JSON, with a mark instead of the storage. In the full document each flow repeats the storage,
 * which names every flow: its size grows with the square of their number. Flows without a serialized form are left out;
 * undefined if no flow is left.
 */
export function flowsTemplate(storage: Storage): string | undefined {
  if (!storage.rules.documents.includes('flows.json') || !storage.readable) return undefined
  const flows: string[] = []
  for (const flow of [...storage.added].sort((a, b) => byCodePoint(a.name, b.name))) {
    if (flow.entrypoint !== undefined || flow.serialized === undefined) continue
    const json = objectJson({ ...flow.serialized, storage: STORAGE_MARK })
    flows.push(JSON.stringify(flow.name), json)
  }
  if (flows.length === 0) return undefined
  return flows.join(FLOW_MARK)
}

/**
 * The document of a template, with the storage instead of each mark, in parts to write in order.
 *
 * @param isWanted whether it has the flow of a name; default all flows
 */
export function flowsParts(
  template: string,
  storage: SerializedStorage,
  isWanted: (name: string) => boolean = () => true
): Iterable<string | Buffer> {
  // Bytes, not text: they are written once per flow, without encoding them each time.
  const json = Buffer.from(sortedJson(storage))
  return {
    *[Symbol.iterator]() {
      const [...texts] = template === '' ? [] : template.split(FLOW_MARK)
      let separator = ''
      yield '{"flows": ['
      for (let index = 0; index + 1 < texts.length; index += 2) {
        if (!isWanted(JSON.parse(texts[index] ?? '""') as string)) continue
        const [before = '', after = ''] = (texts[index + 1] ?? '').split(STORAGE_MARK)
        yield separator + before
        yield json
        yield after
        separator = ', '
      }
      yield '], "version": 1}\n'
    }
  }
}

/**
 * The document for `prefect register --json`: every flow of a storage that has a serialized form, each with that storage,
 * sorted by name as `prefect build` writes them.
 *
 * @returns undefined if the storage's release reads none or has no class for the storage, or if no flow has a
 * serialized form
 */
export function flowsJson(storage: Storage): string | undefined {
  const template = flowsTemplate(storage)
  return template === undefined
    ? undefined
    : [...flowsParts(template, storage.serialize())].map(String).join('')
}
