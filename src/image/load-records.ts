import { posix } from 'node:path'
import {
  entrypointSchema,
  loadResultSchema,
  pickledSchema,
  seenSchema
} from '../python/protocol/protocol.js'
import { BadContent, type RegistryClient } from '../registry/client.js'
import { verified } from '../registry/verified.js'
import { pickleInFile } from '../storage/file.js'
import { sha256 } from '../util/hash.js'
import * as z from '../util/schema.js'
import { VERSION } from '../version.js'
import { KEY_LABEL, labelJson, readImageLabels, type CheckedIn, type Labels } from './labels.js'
import { ImageFiles } from './oci/image-files.js'
import { layersOf, type PlatformImage } from './oci/image.js'

/** Label with the hash of the file that has an image's {@link LoadRecords}. */
const LOADS_LABEL = 'io.flowstore.loads'

/** Name of that file, in the flow layer. */
const LOADS_FILE = '.flowstore-loads.json'

const storedLoadSchema = loadResultSchema
  .pick({
    helpers: true,
    inPickles: true,
    unregistrable: true,
    missing: true,
    unaddressable: true,
    leftOut: true,
    flowless: true,
    risks: true,
    calls: true,
    revealed: true
  })
  .extend({
    versions: z.object({ python: z.string(), prefect: z.string(), cloudpickle: z.string() }),
    flows: z.array(
      z.union([
        pickledSchema.omit({ file: true }).extend({
          /** SHA-256 of the pickle, which the flow layer has. */
          pickle: z.string(),
          serialized: z.record(z.string(), z.string()).nullable()
        }),
        entrypointSchema
      ])
    ),
    seen: seenSchema.pick({ foreign: true, called: true, builders: true })
  })

/** The result of the load of a module by itself, without pickles. */
export type StoredLoad = z.infer<typeof storedLoadSchema>

const recordSchema = z.object({
  /** Path of the flow module. */
  file: z.string(),
  /** The sources that its load opened. */
  inputs: z.array(z.string()),
  /** Hash of all that it was made from; null if that is not known. */
  key: z.string().nullable(),
  /** Why that is not known, or null. */
  why: z.string().nullable(),
  /** The structure of its flows as a hash, by `identityOf`. */
  flows: z.record(z.string(), z.string()),
  /** What its load gave; null if its flows can't be taken. */
  load: storedLoadSchema.nullable()
})

/** What is known of the load of a flow module by itself. */
export type LoadRecord = z.infer<typeof recordSchema>

const recordsSchema = z.object({
  flowstore: z.string(),
  /** Hash of what all keys cover. */
  common: z.string(),
  /**
   * Why the modules had to be loaded together, and the module that causes it: that is the case as long as its load has
   * the same key. Null if each was loaded by itself.
   */
  together: z
    .object({
      why: z.string(),
      module: recordSchema.pick({ file: true, inputs: true, key: true }).nullable()
    })
    .nullable(),
  modules: z.array(recordSchema)
})

/** What an image knows of the loads of its flow modules. */
export type LoadRecords = Omit<z.infer<typeof recordsSchema>, 'flowstore'>

/** The records as a file of the flow layer, and the label that names it. */
export interface LoadRecordsFile {
  readonly path: string
  readonly content: Buffer
  readonly labels: Labels
}

/** @param folder of the image, which the environment image has */
export function loadRecordsFile(records: LoadRecords, folder: string): LoadRecordsFile {
  const content = Buffer.from(JSON.stringify({ flowstore: VERSION, ...records }))
  return {
    path: posix.join(folder, LOADS_FILE),
    content,
    labels: { [LOADS_LABEL]: sha256(content) }
  }
}

/** What an image has of the loads of its modules. */
export interface EarlierLoads {
  readonly records: LoadRecords
  /** The pickles of its flows, by their SHA-256. */
  readonly pickles: ReadonlyMap<string, Buffer>
  /** Where its flows were read back. */
  readonly checkedIn: CheckedIn
}

/**
 * Reads the records of an image, and its flows, from its last layer.
 *
 * @returns as a clause why there are none
 */
export async function readEarlierLoads(
  client: RegistryClient,
  repository: string,
  image: PlatformImage
): Promise<EarlierLoads | string> {
  const labels = image.config.config?.Labels ?? {}
  const hash = labels[LOADS_LABEL]
  const layer = layersOf(image).at(-1)
  if (hash === undefined || layer === undefined) return 'its build made none'
  const built = readImageLabels(labels, labels[KEY_LABEL] ?? '')?.built
  // A location may go through links.
  const names = new Set(built?.flows.map(({ location }) => posix.basename(location)))
  const files = new ImageFiles()
  try {
    await client.readBlob(repository, layer, body =>
      files.add(
        verified(body, layer.digest),
        layer.mediaType,
        path => posix.basename(path) === LOADS_FILE || names.has(posix.basename(path))
      )
    )
  } catch (error) {
    if (error instanceof BadContent) return error.message
    throw error
  }
  const contents = [...files.paths()].flatMap(path => files.at(path)?.content ?? [])
  const content = contents.find(each => sha256(each) === hash)
  if (content === undefined) return 'its last layer does not have the file that a label names'
  const read = recordsSchema.safeParse(labelJson(content.toString('utf8')))
  if (!read.success || read.data.flowstore !== VERSION)
    return 'another version of flowstore built it'
  const { common, together, modules } = read.data
  const pickles = contents.filter(each => each !== content).map(pickleInFile)
  return {
    records: { common, together, modules },
    pickles: new Map(pickles.map(pickle => [sha256(pickle), pickle])),
    checkedIn: built?.checkedIn ?? null
  }
}
