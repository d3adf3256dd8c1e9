import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import type { Flow } from '../flows/flow.js'
import type { PrefectRules, StorageRules } from '../prefect/generation.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import type { Storage } from './storage.js'

/** A flow's pickle, or Prefect's envelope around it: `flow` in base64, and `versions`. */
export function contentOf(
  { name, bytes, versions }: Flow,
  content: StorageRules['content']
): Buffer {
  if (bytes === undefined) {
    throw new FlowstoreError(
      'NOT_SUPPORTED',
      `flow "${name}" is source, and has no file of its own`
    )
  }
  if (content === 'pickle') return bytes
  const { cloudpickle, prefect, python } = versions
  const text = (value: string) => JSON.stringify(value)
  // Prefect writes it with json.dumps, which adds a space after each comma and colon.
  return Buffer.from(
    `{"flow": "${bytes.toString('base64')}", "versions": {"cloudpickle": ${text(cloudpickle)}, "prefect": ${text(prefect)}, "python": ${text(python)}}}`
  )
}

/**
 * A flow's file in the form of its Prefect release: the raw cloudpickle, or from 0.14.3 on a JSON envelope
 * (`flow` in base64, `versions` of cloudpickle, prefect and python).
 */
export const flowFile = (flow: Flow, { storages }: PrefectRules): Buffer =>
  contentOf(flow, storages.local.content)

const envelopeSchema = z.object({ flow: z.string() })

/**
 * The raw cloudpickle in a flow's file. As Prefect does, a file that is not a JSON envelope is read as a raw pickle.
 */
export function pickleInFile(file: Buffer): Buffer {
  try {
    return Buffer.from(envelopeSchema.parse(JSON.parse(file.toString('utf8'))).flow, 'base64')
  } catch {
    return file
  }
}

/** A flow's pickle in the form of a storage that does not hold the source. */
export const storedBytes = (flow: Flow, { rules, kind }: Storage): Buffer =>
  contentOf(flow, rules.storages[kind].content)

/** The location of a flow that was added to a storage. */
export const locationIn = (storage: Storage, { name, entrypoint }: Flow): string =>
  entrypoint ?? storage.flows.get(name) ?? ''

/** A flow of a storage at its location, for a Python that can read what is there. */
export const flowAtLocation = (storage: Storage, flow: Flow): ReadableFlow =>
  flow.entrypoint === undefined
    ? { kind: 'file', name: flow.name, path: locationIn(storage, flow), content: storage.content }
    : {
        kind: 'entrypoint',
        name: flow.name,
        entrypoint: flow.entrypoint,
        folder: storage.path ?? null
      }
