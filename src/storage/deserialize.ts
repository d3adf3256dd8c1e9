import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import { NEWEST_PREFECT, rulesFor, type PrefectRules } from '../prefect/rules.js'
import { DockerStorage } from './docker.js'
import { LocalStorage } from './local.js'
import { Bytes, Memory, type Storage } from './storage.js'

// The words are marshmallow's, as Prefect's schemas give them.
const string = z.string({
  error: issue => (issue.input === null ? 'Field may not be null.' : 'Not a valid string.')
})
const flows = z.record(z.string(), string, 'Not a valid mapping type.').default({})
const words = z.array(string, 'Not a valid list.').default([])
const text = string
  .nullable()
  .optional()
  .transform(value => value ?? undefined)

const common = {
  secrets: words,
  path: text,
  stored_as_script: z.boolean('Not a valid boolean.').default(false)
}

const docker = z.object({
  ...common,
  flows,
  registry_url: text,
  image_name: text,
  image_tag: text,
  // Prefect takes no null here.
  prefect_version: string.optional()
})
const local = z.object({ ...common, flows, directory: string.optional() })
const memory = z.object({ secrets: words })
const bytes = z.object({ secrets: words, flows })

/** Storages of Prefect that keep flows where this project does not go. */
const ELSEWHERE = [
  'Azure',
  'Bitbucket',
  'CodeCommit',
  'GCS',
  'Git',
  'GitHub',
  'GitLab',
  'Module',
  'S3',
  'Webhook'
]

const invalid = (message: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('STORAGE_INVALID', message, { cause })

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error)
}

/** The release that wrote a JSON, or undefined: Prefect itself never looks at it. */
function writtenBy(version: unknown): string | undefined {
  try {
    return rulesFor(String(version)).release
  } catch {
    return undefined
  }
}

/** Whether a release's schema knows a type. */
function isKnown(type: string, { types, localType }: PrefectRules): boolean {
  const names = types.map(
    kind => ({ docker: 'Docker', local: localType, memory: 'Memory', bytes: 'Bytes' })[kind]
  )
  return names.some(name => name === type)
}

/**
 * A storage from its JSON, as Prefect's `StorageSchema` loads it: unknown fields are ignored, missing
 * ones have their default, wrong ones are refused. The flows are known by name and location; their
 * handles are not, for a JSON does not hold them.
 *
 * @param json the text, or what it says
 * @param options `release`: the Prefect that reads, and whose types alone are known; default the one
 * that wrote the JSON, and then the types of every release
 * @throws FlowstoreError STORAGE_INVALID, for types in the words of Prefect
 */
export function deserialize(json: unknown, options: { readonly release?: string } = {}): Storage {
  let value: unknown = json
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json)
    } catch (error) {
      throw invalid(`a storage is a JSON object: ${(error as Error).message}`, error)
    }
  }
  const { type, __version__: version } = read(
    z.looseObject({
      type: z.string('Not a valid string.').optional(),
      __version__: z.unknown().optional()
    }),
    value
  )
  const release = options.release ?? writtenBy(version) ?? NEWEST_PREFECT
  if (options.release !== undefined && type !== undefined && !isKnown(type, rulesFor(release))) {
    throw invalid(`type: Unsupported value: ${type}`)
  }
  const base = <T extends { secrets: string[] }>(fields: T) => ({
    release,
    secrets: fields.secrets
  })
  const script = (fields: { path?: string | undefined; stored_as_script: boolean }) =>
    rulesFor(release).scripts ? { path: fields.path, storedAsScript: fields.stored_as_script } : {}
  switch (type) {
    case 'Docker': {
      const fields = read(docker, value)
      return DockerStorage.from(fields.flows, {
        ...base(fields),
        ...script(fields),
        registryUrl: fields.registry_url,
        imageName: fields.image_name,
        imageTag: fields.image_tag,
        prefectVersion: fields.prefect_version
      })
    }
    case 'Local':
    case 'LocalStorage': {
      const fields = read(local, value)
      return LocalStorage.from(fields.flows, {
        ...base(fields),
        ...script(fields),
        directory: fields.directory
      })
    }
    case 'Memory':
      return new Memory(base(read(memory, value)))
    case 'Bytes': {
      const fields = read(bytes, value)
      return Bytes.from(fields.flows, base(fields))
    }
    case undefined:
      throw invalid('type: Missing data for required field.')
    default:
      throw invalid(
        ELSEWHERE.includes(type)
          ? `${type} storage is Prefect's, but none that this project reads`
          : `type: Unsupported value: ${type}`
      )
  }
}
