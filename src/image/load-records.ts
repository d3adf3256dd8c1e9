import { posix } from 'node:path'
import type { RegistryClient } from '../registry/client.js'
import { verified } from '../registry/verified.js'
import { sha256 } from '../util/hash.js'
import * as z from '../util/schema.js'
import { VERSION } from '../version.js'
import { labelJson, type Labels } from './labels.js'
import { ImageFiles } from './oci/image-files.js'
import { layersOf, type PlatformImage } from './oci/image.js'

/** Label with the hash of the file that has an image's {@link LoadRecords}. */
const LOADS_LABEL = 'io.flowstore.loads'

/** Name of that file, in the flow layer. */
const LOADS_FILE = '.flowstore-loads.json'

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
  flows: z.record(z.string(), z.string())
})

/** What is known of the load of a flow module by itself. */
type LoadRecord = z.infer<typeof recordSchema>

const recordsSchema = z.object({ flowstore: z.string(), modules: z.array(recordSchema) })

/** The records of all flow modules of an image. */
export type LoadRecords = readonly LoadRecord[]

/** The records as a file of the flow layer, and the label that names it. */
export interface LoadRecordsFile {
  readonly path: string
  readonly content: Buffer
  readonly labels: Labels
}

/** @param folder of the image, which the environment image has */
export function loadRecordsFile(modules: LoadRecords, folder: string): LoadRecordsFile {
  const content = Buffer.from(JSON.stringify({ flowstore: VERSION, modules }))
  return {
    path: posix.join(folder, LOADS_FILE),
    content,
    labels: { [LOADS_LABEL]: sha256(content) }
  }
}

/**
 * Reads the records of an image from its last layer, which has its flows.
 *
 * @returns the records, or as a clause why there are none
 */
export async function readLoadRecords(
  client: RegistryClient,
  repository: string,
  image: PlatformImage
): Promise<LoadRecords | string> {
  const hash = image.config.config?.Labels?.[LOADS_LABEL]
  const layer = layersOf(image).at(-1)
  if (hash === undefined || layer === undefined) return 'its build made none'
  const files = new ImageFiles()
  await client.readBlob(repository, layer, body =>
    files.add(
      verified(body, layer.digest),
      layer.mediaType,
      path => posix.basename(path) === LOADS_FILE
    )
  )
  const contents = [...files.paths()].flatMap(path => files.at(path)?.content ?? [])
  const content = contents.find(each => sha256(each) === hash)
  if (content === undefined) return 'its last layer does not have the file that a label names'
  const read = recordsSchema.safeParse(labelJson(content.toString('utf8')))
  if (!read.success || read.data.flowstore !== VERSION)
    return 'another version of flowstore built it'
  return read.data.modules
}
