import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import { isSupported, NEWEST_WITH_STORAGES, rulesFor } from '../prefect/releases.js'
import { kindOfClass, OTHER_STORAGE_CLASSES } from '../prefect/storage-kinds.js'
import { Bytes } from './bytes.js'
import { DockerStorage } from './docker.js'
import { LocalStorage } from './local.js'
import { Memory } from './memory.js'
import type { Storage, StorageOptions } from './storage.js'

// The messages are those of Prefect's schemas, from marshmallow.
const string = z.string({
  error: issue => (issue.input === null ? 'Field may not be null.' : 'Not a valid string.')
})
const flows = z.record(z.string(), string, 'Not a valid mapping type.').default({})
const strings = z.array(string, 'Not a valid list.').default([])
const text = string
  .nullable()
  .optional()
  .transform(value => value ?? undefined)

const withPath = z.object({
  secrets: strings,
  path: text,
  stored_as_script: z.boolean('Not a valid boolean.').default(false)
})

const docker = withPath.extend({
  flows,
  registry_url: text,
  image_name: text,
  image_tag: text,
  // Prefect does not accept null here.
  prefect_version: string.optional()
})
const local = withPath.extend({ flows, directory: string.optional() })
const memory = z.object({ secrets: strings })
const bytes = z.object({ secrets: strings, flows })

const invalid = (message: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('STORAGE_INVALID', message, { cause })

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { field } = z.firstFault(parsed.error, value)
  if (field === '') throw invalid(`the storage must be a JSON object, not ${z.jsonKind(value)}`)
  // The message is Prefect's.
  throw invalid(`${field}: ${parsed.error.issues[0]?.message ?? ''}`, parsed.error)
}

const typeSchema = z.looseObject({
  type: z.string('Not a valid string.').optional(),
  __version__: z.unknown().optional()
})

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`the storage is not a JSON object: ${(error as Error).message}`, error)
  }
}

/** The release that wrote a JSON; undefined for an unknown one. Prefect itself ignores it. */
function writtenBy(version: unknown): string | undefined {
  return typeof version === 'string' && isSupported(version) ? version : undefined
}

/** Whether a release has a class of that name, for a storage that this project fills. */
const hasClass = (release: string, type: string): boolean =>
  Object.values(rulesFor(release).storages).some(
    storage => storage.readable && storage.type === type
  )

/** Options of a storage with a path; a release without these fields ignores them. */
function pathOptions(fields: z.infer<typeof withPath>, release: string): StorageOptions {
  const { secrets } = fields
  return rulesFor(release).scripts
    ? { release, secrets, path: fields.path, storedAsScript: fields.stored_as_script }
    : { release, secrets }
}

const unsupported = (type: string): FlowstoreError => invalid(`type: Unsupported value: ${type}`)

/**
 * A storage from its JSON, as Prefect's `StorageSchema` loads it: unknown fields are ignored, missing ones
 * have their default, invalid ones are refused. The storage knows the names and locations of its flows, but
 * not the flows themselves, which are not in the JSON.
 *
 * @param json the text, or its parsed value
 * @param options `release`: the Prefect release that will read the JSON; types that it lacks are refused.
 * Default the release that wrote the JSON, with the types of every release
 * @throws FlowstoreError STORAGE_INVALID, with Prefect's message for an invalid type
 */
export function deserialize(json: unknown, options: { readonly release?: string } = {}): Storage {
  const value = typeof json === 'string' ? parsedJson(json) : json
  const { type, __version__: version } = read(typeSchema, value)
  if (type === undefined) throw invalid('type: Missing data for required field.')
  if (options.release !== undefined && !hasClass(options.release, type)) throw unsupported(type)
  const release = options.release ?? writtenBy(version) ?? NEWEST_WITH_STORAGES
  switch (kindOfClass(type)) {
    case 'docker': {
      const fields = read(docker, value)
      return DockerStorage.from(fields.flows, {
        ...pathOptions(fields, release),
        registryUrl: fields.registry_url,
        imageName: fields.image_name,
        imageTag: fields.image_tag,
        prefectVersion: fields.prefect_version
      })
    }
    case 'local': {
      const fields = read(local, value)
      return LocalStorage.from(fields.flows, {
        ...pathOptions(fields, release),
        directory: fields.directory
      })
    }
    case 'memory':
      return new Memory({ release, secrets: read(memory, value).secrets })
    case 'bytes': {
      const { flows: contents, secrets } = read(bytes, value)
      return Bytes.from(contents, { release, secrets })
    }
    case undefined:
      throw OTHER_STORAGE_CLASSES.includes(type)
        ? invalid(`${type} is a storage of Prefect that flowstore does not read`)
        : unsupported(type)
  }
}
