import type * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import {
  changesResultSchema,
  checkResultSchema,
  type ChangesRequest,
  loadResultSchema,
  placeResultSchema,
  probeResultSchema,
  PROTOCOL,
  runResultSchema,
  type CheckRequest,
  type CheckResult,
  type LoaderRequest,
  type LoadRequest,
  type LoadResult,
  type PlaceRequest,
  type ProbeRequest,
  type ProbeResult,
  type RunRequest,
  type RunResult
} from './protocol.js'

/** What a place where Python runs gives back for a request. */
export interface LoaderOutput {
  readonly exitCode: number
  /** What the process printed. */
  readonly log: string
  /** Files that the loader wrote: path relative to its output folder, to content. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** A module of the repository that flows import at run time. */
export interface ModuleFile {
  /** Path on this machine. */
  readonly source: string
  /** Path below a folder of `sys.path`. */
  readonly path: string
  readonly size: number
}

/** What can be asked of a loader that has the sources. */
export interface PythonLoader {
  load(request: Omit<LoadRequest, 'protocol' | 'action' | 'root' | 'output'>): Promise<Loaded>
}

/** What can be asked of a loader that has seen none of the user's modules. */
export interface PythonChecker {
  check(flows: readonly FlowToCheck[]): Promise<CheckResult>
}

/**
 * One process that loads and checks: Prefect is imported once, and each request is answered by a fork
 * of the process as it is then. It lives until it is closed.
 */
export interface PythonSession extends PythonLoader, PythonChecker {
  /** As {@link PythonChecker.check}, with modules of the repository that can be imported by then. */
  check(flows: readonly FlowToCheck[], modules?: readonly ModuleFile[]): Promise<CheckResult>
  close(): Promise<void>
}

/**
 * A place where Python can run the loader: an interpreter on this machine, or a container.
 */
export interface PythonPlace extends PythonLoader, PythonChecker {
  /** For people: `container of python:3.6`, `/usr/bin/python3.9`. */
  readonly description: string
  /** @param folders those whose way from the root is asked for; default none */
  probe(folders?: readonly string[]): Promise<ProbeResult>
  open(): Promise<PythonSession>
  /** Runs a flow until its final state; it may use the network. */
  run(flow: FlowToCheck, run: FlowRun): Promise<RunResult>
}

/** Opens a session for one piece of work. */
export async function inSession<S extends PythonSession, T>(
  open: () => Promise<S>,
  work: (session: S) => Promise<T>
): Promise<T> {
  const session = await open()
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

/** A flow's file in its final form: its path where Python runs, or its content. */
export type FlowFile =
  | { readonly path: string }
  | {
      readonly content: Buffer
      /** Whether it is the module itself; default false. */
      readonly isScript?: boolean
    }

/** A flow to read back: from a path where Python runs, or from bytes put there for the check. */
export type FlowToCheck = { readonly name: string } & FlowFile

/** Where flows lie for a request, and what has to be put below a folder for it: path to content. */
export function placedFlows(
  flows: readonly FlowToCheck[],
  folder: string
): { readonly flows: CheckRequest['flows']; readonly contents: ReadonlyMap<string, Buffer> } {
  const contents = new Map<string, Buffer>()
  const placed = flows.map((flow, index) => {
    if ('path' in flow) return { name: flow.name, path: flow.path }
    const path = `${folder}/${index}${flow.isScript ? '.py' : ''}`
    contents.set(path, flow.content)
    return { name: flow.name, path }
  })
  return { flows: placed, contents }
}

/** How a flow is run. */
export interface FlowRun {
  readonly parameters: Readonly<Record<string, unknown>>
  /** Variables beside those of the place. */
  readonly env: Readonly<Record<string, string>>
  /** Called with what the run prints, as it comes. */
  readonly onOutput: (chunk: Buffer) => void
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined
}

/** A load's result with the files it made. */
export interface Loaded {
  readonly result: LoadResult
  /** The files that the result names, by their paths. */
  readonly files: ReadonlyMap<string, Buffer>
  /** What the modules printed while they were imported. */
  readonly log: string
}

const lastLines = (text: string, count: number): string =>
  text.trimEnd().split('\n').slice(-count).join('\n')

/**
 * A file that the loader wrote.
 *
 * @throws FlowstoreError LOAD_FAILED for one that is not of the protocol
 */
export function parsedFile<T>(content: Buffer, schema: z.ZodType<T>, place: string): T {
  const parsed = schema.safeParse(JSON.parse(content.toString('utf8')))
  if (parsed.success) return parsed.data
  throw new FlowstoreError('LOAD_FAILED', `the loader's result is not of its protocol (${place})`, {
    cause: parsed.error
  })
}

function resultOf<T>(output: LoaderOutput, schema: z.ZodType<T>, place: string): T {
  const file = output.files.get('result.json')
  if (file === undefined) {
    throw new FlowstoreError(
      'LOAD_FAILED',
      `Python ended with exit code ${output.exitCode} and no result (${place})`,
      {
        hint: 'A flow module may have ended the interpreter (os._exit, a crash of native code, out of memory).',
        detail: lastLines(output.log, 20) || undefined
      }
    )
  }
  return parsedFile(file, schema, place)
}

/** Reads the answer to a probe. */
export const probeResult = (output: LoaderOutput, place: string): ProbeResult =>
  resultOf(output, probeResultSchema, place)

/** Reads the answer to a load, pickles included. */
export const loadResult = (output: LoaderOutput, place: string): Loaded => ({
  result: resultOf(output, loadResultSchema, place),
  files: output.files,
  log: output.log
})

/** Reads the answer to a check. */
export const checkResult = (output: LoaderOutput, place: string): CheckResult =>
  resultOf(output, checkResultSchema, place)

/** Reads whether files were placed. */
export const placeResult = (output: LoaderOutput, place: string): boolean =>
  resultOf(output, placeResultSchema, place).placed

/** Reads the answer to a question for changes. */
export const changesResult = (output: LoaderOutput, place: string): readonly string[] | undefined =>
  resultOf(output, changesResultSchema, place).changed ?? undefined

/** Reads the answer to a run. */
export const runResult = (output: LoaderOutput, place: string): RunResult =>
  resultOf(output, runResultSchema, place)

/** A request with its protocol number, as the loader reads it. */
export const requestJson = (
  request:
    | Omit<ProbeRequest, 'protocol'>
    | Omit<LoadRequest, 'protocol'>
    | Omit<PlaceRequest, 'protocol'>
    | Omit<CheckRequest, 'protocol'>
    | Omit<ChangesRequest, 'protocol'>
    | Omit<RunRequest, 'protocol'>
): string => JSON.stringify({ protocol: PROTOCOL, ...request } satisfies LoaderRequest)
