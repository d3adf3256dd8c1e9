import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { connectDocker } from '../docker/connect.js'
import { FlowstoreError } from '../errors.js'
import type { FlowRunResult } from '../flows/run.js'
import { imageRunner, interpreterRunner, type RunControl } from '../flows/runners.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { dockerCredentials } from '../registry/auth/credentials.js'
import { deserialize } from '../storage/deserialize.js'
import type { Storage } from '../storage/storage.js'
import { isAbsent } from '../util/files.js'
import { plainLine, printableJson } from '../util/plain-text.js'
import { onEndSignals } from '../util/scope.js'
import { optionFlag, parseArguments } from './flags.js'
import type { CommandOutput } from './output.js'
import { pythonForStorage } from './run-python.js'

/** The arguments of `flowstore run`. */
export interface RunCommand {
  /** Path of the storage's JSON. */
  readonly storage: string
  /** Name of the flow; undefined for the only one. */
  readonly flow: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** Name to JSON value. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly python: string | undefined
  readonly requirementsFile: string | undefined
  readonly pythonDependencies: readonly string[]
  readonly baseUrl: string | undefined
  readonly json: boolean
}

const FLAGS = [
  { name: 'flow', kind: 'text' },
  { name: 'env', kind: 'lines' },
  { name: 'param', kind: 'lines' },
  optionFlag('python'),
  optionFlag('requirementsFile'),
  optionFlag('pythonDependencies'),
  optionFlag('baseUrl'),
  { name: 'json', kind: 'boolean' }
] as const

const invalid = (message: string, hint?: string): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', message, { hint })

/** Reads NAME=VALUE. */
function readPair(flag: string, text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw invalid(`the option '${flag}' is not NAME=VALUE: '${text.slice(0, 40)}'`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** Reads NAME=JSON. */
function readParameter(text: string): [string, unknown] {
  const [name, value] = readPair('param', text)
  try {
    return [name, JSON.parse(value)]
  } catch (error) {
    throw invalid(
      `the value of the parameter '${name}' is not JSON: ${(error as Error).message}`,
      `Write text in quotes: --param '${name}="text"'.`
    )
  }
}

/**
 * Reads the arguments of `flowstore run`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION, MISSING_OPTION
 */
export function parseRun(args: readonly string[]): RunCommand {
  const { values, operands } = parseArguments(args, FLAGS)
  const [storage, ...more] = operands
  if (storage === undefined || more.length > 0) {
    throw new FlowstoreError('MISSING_OPTION', 'flowstore run takes one storage.json', {
      hint: "Example: flowstore run .flowstore/storage.json --flow 'my flow'"
    })
  }
  const last = (name: string) => values.get(name)?.at(-1)
  const all = (name: string) => values.get(name) ?? []
  return {
    storage,
    flow: last('flow'),
    env: Object.fromEntries(all('env').map(text => readPair('env', text))),
    parameters: Object.fromEntries(all('param').map(readParameter)),
    python: last('python'),
    requirementsFile: last('requirements-file'),
    pythonDependencies: all('python-dependencies'),
    baseUrl: last('base-url'),
    json: last('json') === 'true'
  }
}

async function readStorage(cwd: string, path: string): Promise<Storage> {
  let text: string
  try {
    text = await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new FlowstoreError(
      isAbsent(error) ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      `the storage '${path}' can't be read: ${(error as Error).message}`,
      {
        hint: 'flowstore build writes storage.json into its output directory.',
        cause: error
      }
    )
  }
  return deserialize(text)
}

function onlyFlow(storage: Storage): string {
  const [name, ...others] = storage.flows.keys()
  if (name !== undefined && others.length === 0) return name
  throw new FlowstoreError('MISSING_OPTION', "the option 'flow' is required", {
    hint: `The storage has: ${[...storage.flows.keys()].join(', ') || 'no flow'}.`
  })
}

/** Everything that a run needs except its arguments. */
export interface RunSurroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Receives the output of the flow and of the steps before it. */
  readonly write: (text: string) => void
  /** Ends the run, and removes its container. */
  readonly signal?: AbortSignal
}

/** Runs one flow from its storage, until its final state. */
export async function runFlow(
  command: RunCommand,
  { cwd, env, write, signal }: RunSurroundings
): Promise<{ readonly flow: string; readonly result: FlowRunResult }> {
  const storage = await readStorage(cwd, command.storage)
  const flow = command.flow ?? onlyFlow(storage)
  const control: RunControl = { onOutput: chunk => write(chunk.toString('utf8')), signal }
  const python = () => pythonForStorage(storage, flow, command, { cwd, env, write })
  const runner =
    STORAGE_KINDS[storage.kind].flowsIn === 'image'
      ? imageRunner(await connectDocker(command.baseUrl, env), dockerCredentials(env), control)
      : interpreterRunner(python, env, control)
  const run = storage.getEnvRunner(flow, runner)
  return { flow, result: await run({ env: command.env, parameters: command.parameters }) }
}

/** The error of a run that did not succeed, or undefined. */
export function runError(flow: string, result: FlowRunResult): FlowstoreError | undefined {
  if (result.successful) return undefined
  const { state, message, detail } = result
  return new FlowstoreError(
    'FLOW_RUN',
    state === null
      ? `flow "${flow}" did not run: ${message ?? 'no reason given'}`
      : `flow "${flow}" ended ${state}: ${message ?? ''}`,
    { detail: detail ?? undefined }
  )
}

/**
 * `flowstore run`: what the flow prints goes to standard error, its final state to standard output.
 *
 * @throws FlowstoreError FLOW_RUN for a final state that is not Successful
 */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, writeError }: CommandOutput
): Promise<void> {
  const command = parseRun(args)
  const abort = new AbortController()
  const interrupt = () => abort.abort(new FlowstoreError('FLOW_RUN', 'the run was interrupted'))
  onEndSignals(interrupt)
  const { flow, result } = await runFlow(command, {
    cwd: process.cwd(),
    env,
    write: writeError,
    signal: abort.signal
  })
  const error = runError(flow, result)
  const { state, message } = result
  if (command.json) {
    print(printableJson({ flow, state, message, exitCode: error?.exitCode ?? 0 }))
  } else if (!error) print(plainLine(`${flow}: ${state ?? ''}: ${message ?? ''}`))
  if (error) throw error
}
