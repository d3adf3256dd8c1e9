import { FlowstoreError, SPACE_HINT } from '../../errors.js'
import type * as z from '../../util/schema.js'
import type { Work } from './work.js'

/** The loader's output for a request. */
export interface LoaderOutput {
  readonly exitCode: number
  /** The printed output of the process. */
  readonly log: string
  /** Files that the loader wrote, by their paths relative to its output folder. */
  readonly files: ReadonlyMap<string, Buffer>
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n')

/**
 * Reads a file that the loader wrote.
 *
 * @param where description of the loader's Python, for messages
 * @throws FlowstoreError LOAD_FAILED for a file that does not follow the protocol
 */
export function parsedFile<T>(content: Buffer, schema: z.ZodType<T>, where: string): T {
  const fault = (cause: unknown) =>
    new FlowstoreError(
      'LOAD_FAILED',
      `the loader's result does not follow its protocol (${where})`,
      {
        hint: 'A flow module may have written into the folder of the results, or replaced functions of Python.',
        cause
      }
    )
  let value: unknown
  try {
    value = JSON.parse(content.toString('utf8'))
  } catch (error) {
    throw fault(error)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw fault(parsed.error)
}

/**
 * Reads the result of a request.
 *
 * @param where description of the loader's Python, for messages
 * @param work what Python did last, if it is known
 * @throws FlowstoreError LOAD_FAILED with the last printed lines, if there is no result, HEALTHCHECK if a flow was read
 * back then; WRITE_FAILED if the loader had no space for it
 */
export function readResult<T>(
  output: LoaderOutput,
  schema: z.ZodType<T>,
  where: string,
  work?: Work
): T {
  const result = output.files.get('result.json')
  if (result !== undefined) return parsedFile(result, schema, where)
  const noSpace = /^flowstore_loader: OSError: (\[Errno (?:28|30|122)\] .*)$/m.exec(output.log)?.[1]
  if (noSpace !== undefined) {
    throw new FlowstoreError('WRITE_FAILED', `Python can't write its result (${where}): ${noSpace}`, {
      hint: SPACE_HINT
    })
  }
  const detail = lastLines(output.log, 20) || undefined
  const ended = `ended Python with exit code ${output.exitCode}`
  if (work === undefined) {
    const message = `Python ended with exit code ${output.exitCode} and no result (${where})`
    throw new FlowstoreError('LOAD_FAILED', message, { hint: NO_RESULT, detail })
  }
  const { kind, name, ...place } = work
  const hint = kind === 'import' ? ENDED_BY_MODULE : ENDED_BY_FLOW
  const messages = {
    import: `${name} ${ended} while it was imported (${where})`,
    serialize: `flow "${name}" ${ended} while it was serialized (${where})`,
    read: `flow "${name}" does not load back: it ${ended} (${where})`
  }
  const code = kind === 'read' ? 'HEALTHCHECK' : 'LOAD_FAILED'
  throw new FlowstoreError(code, messages[kind], { ...place, hint, detail })
}

const NO_RESULT =
  'A flow module may have ended the interpreter (os._exit, a crash of native code, out of memory). Run with one module at a time to find it.'

const ENDED_BY_MODULE =
  'The module, or what it imports, ended the interpreter: os._exit, a crash of native code, or no more memory.'

const ENDED_BY_FLOW =
  'What the flow holds ended the interpreter: os._exit, a crash of native code, or no more memory. Make it inside a task, when it runs.'

/** The message of a thrown value. */
export const reasonOf = (error: unknown): string =>
  (error as Partial<Error> | undefined)?.message ?? String(error)

/**
 * The error for a process without an exit code, such as one that could not be started.
 *
 * @param log its printed output
 */
export function processFault(error: unknown, log: string, where: string): FlowstoreError {
  // The fault of a daemon says itself what it was.
  if (error instanceof FlowstoreError) return error
  return new FlowstoreError('LOAD_FAILED', `Python gave no result (${where}): ${reasonOf(error)}`, {
    detail: lastLines(log, 20) || undefined,
    cause: error
  })
}
