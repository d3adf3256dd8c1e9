import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { FlowKey } from '../build/verify.js'
import { FlowstoreError } from '../errors.js'
import { deserialize } from '../storage/deserialize.js'
import type { Storage } from '../storage/storage.js'
import { fileOrIn, readError } from '../util/files.js'
import * as z from '../util/schema.js'

/** The storage that a command is given. */
interface GivenStorage {
  readonly storage: Storage
  /** Its JSON. */
  readonly json: unknown
  /** Version of the Python that made it, from the report beside it. */
  readonly madeBy: string | undefined
  /** Digest of its image, from the report beside it. */
  readonly digest: string | undefined
  /** The keys of its flows, from the report beside it. */
  readonly keys: readonly FlowKey[] | undefined
}

const STORAGE_FILE = 'storage.json'

const reportSchema = z.object({
  outputs: z.object({ storage: z.string(), digest: z.string().default('') }),
  versions: z.object({ python: z.string() }),
  flows: z.array(z.object({ name: z.string(), key: z.string().nullable() })).optional()
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The report of the build that lies beside a storage; undefined without a report of this storage. */
async function reportBeside(
  path: string,
  storage: unknown
): Promise<z.infer<typeof reportSchema> | undefined> {
  const file = join(dirname(path), 'report.json')
  const report = await readFile(file, 'utf8').catch(() => '')
  const { data } = reportSchema.safeParse(parsed(report))
  return data && isDeepStrictEqual(parsed(data.outputs.storage), storage) ? data : undefined
}

/** What a file is that `flowstore build` writes beside the storage; undefined for any other. */
function otherFile(text: string): string | undefined {
  const value = parsed(text) as
    | {
        type?: unknown
        flows?: unknown
        deployments?: unknown
        outputs?: unknown
        versions?: unknown
      }
    | null
    | undefined
  if (value?.outputs !== undefined && value.versions !== undefined) return 'report.json'
  if (Array.isArray(value?.deployments)) return 'deployments.json'
  // A storage has a type.
  return Array.isArray(value?.flows) && value.type === undefined ? 'flows.json' : undefined
}

/** Reads a storage, with its file in each error. */
function storageIn(text: string, file: string, command: string): Storage {
  try {
    return deserialize(text)
  } catch (error) {
    if (!(error instanceof FlowstoreError)) throw error
    const { code, message, hint } = error
    throw new FlowstoreError(code, message, {
      file,
      hint: hint ?? `flowstore ${command} reads the ${STORAGE_FILE} that flowstore build writes.`,
      cause: error
    })
  }
}

/**
 * Reads the storage that a command is given. A folder stands for the `storage.json` in it.
 *
 * @param command its name, for hints
 * @throws FlowstoreError FILE_NOT_FOUND, FILE_UNREADABLE, STORAGE_INVALID
 */
export async function readStorage(
  cwd: string,
  given: string,
  command: 'run' | 'verify'
): Promise<GivenStorage> {
  const file = await fileOrIn(cwd, given, STORAGE_FILE)
  const path = resolve(cwd, file)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const hint = `flowstore build writes ${STORAGE_FILE} into its output directory.`
    throw readError(error, `the storage '${file}'`, hint)
  }
  const other = otherFile(text)
  if (other !== undefined) {
    const beside = relative(cwd, join(dirname(path), STORAGE_FILE))
    throw new FlowstoreError('STORAGE_INVALID', `'${file}' is a ${other}, not a storage`, {
      hint: `The storage is in the file beside it: flowstore ${command} ${beside}`
    })
  }
  const storage = storageIn(text, file, command)
  const json = parsed(text)
  const report = await reportBeside(path, json)
  return {
    storage,
    json,
    madeBy: report?.versions.python,
    digest: report?.outputs.digest || undefined,
    keys: report?.flows
  }
}
