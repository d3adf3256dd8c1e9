import { flowRunner } from '../build/flow-runner.js'
import { FlowstoreError } from '../errors.js'
import type { FlowRunResult } from '../flows/run.js'
import type { RunControl } from '../flows/runners.js'
import type { Log } from '../log.js'
import type { FlowContent } from '../prefect/generation.js'
import { LiveLine } from '../publish/live-line.js'
import { terminalLog, type Verbosity } from '../publish/terminal-log.js'
import { jsonErrors } from '../publish/terminal.js'
import { isEntrypoint } from '../storage/entrypoint.js'
import { Memory } from '../storage/memory.js'
import type { Storage } from '../storage/storage.js'
import { plainLine, printableJson } from '../util/plain-text.js'
import { onEndSignals } from '../util/scope.js'
import { flowCount, nearest } from '../util/text.js'
import {
  optionFlag,
  OUTPUT_FLAGS,
  outputArguments,
  parseArguments,
  type OutputArguments
} from './flags.js'
import type { CommandOutput } from './output.js'
import type { ProjectChoice } from '../packages/lock-files/format.js'
import { readStorage } from './read-storage.js'

/** The arguments of `flowstore run`. */
export interface RunCommand extends OutputArguments {
  /** Path of the storage's JSON. */
  readonly storage: string
  /** Name of the flow; undefined for the only one. */
  readonly flow: string | undefined
  /** Name to value; undefined for that of this process. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Name to value. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly python: string | undefined
  readonly requirementsFile: string | undefined
  /** What of the project in the requirements file is installed. */
  readonly choice: ProjectChoice
  readonly pythonDependencies: readonly string[]
  readonly baseUrl: string | undefined
}

const FLAGS = [
  { name: 'flow', kind: 'text' },
  { name: 'env', kind: 'lines' },
  { name: 'param', kind: 'lines' },
  optionFlag('python'),
  optionFlag('requirementsFile'),
  optionFlag('extras'),
  optionFlag('groups'),
  optionFlag('package'),
  optionFlag('pythonDependencies'),
  optionFlag('baseUrl'),
  ...OUTPUT_FLAGS
] as const

const invalid = (message: string, hint?: string): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', message, { hint })

/** Reads NAME=VALUE. */
function readPair(flag: string, text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw invalid(`the option '${flag}' is not NAME=VALUE: '${text.slice(0, 40)}'`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** Reads NAME=VALUE, or NAME alone for a variable of this process, whose value then stays off the command line. */
function readVariable(text: string): [string, string | undefined] {
  return /^\w+$/.test(text) ? [text, undefined] : readPair('env', text)
}

/** Reads NAME=VALUE. As in Prefect's own `prefect run --param`, the value is JSON, or text if it is none. */
function readParameter(pair: string): [string, unknown] {
  const [name, value] = readPair('param', pair)
  try {
    return [name, JSON.parse(value)]
  } catch (error) {
    // Quotes and brackets are meant as JSON.
    if (!/"|^\s*[[{]/.test(value)) return [name, value]
    throw invalid(
      `the value of the parameter '${name}' is not JSON: ${(error as Error).message}`,
      `Put JSON in quotes of the shell: --param '${name}={"key": "text"}'.`
    )
  }
}

/**
 * Reads the arguments of `flowstore run`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION, MISSING_OPTION
 */
export function parseRun(args: readonly string[]): RunCommand {
  const parsed = parseArguments(args, FLAGS)
  const { values, operands } = parsed
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
    env: Object.fromEntries(all('env').map(readVariable)),
    parameters: Object.fromEntries(all('param').map(readParameter)),
    python: last('python'),
    requirementsFile: last('requirements-file'),
    choice: { extras: all('extras'), groups: all('groups'), package: last('package') },
    pythonDependencies: all('python-dependencies'),
    baseUrl: last('base-url'),
    ...outputArguments(parsed)
  }
}

/** Flows that a hint names. */
const MOST_NAMED = 20

/** What a storage has, in a sentence. */
function contentText({ flows }: Storage): string {
  const names = [...flows.keys()]
  if (names.length === 0) return 'The storage has no flow.'
  const shown = names.slice(0, MOST_NAMED).map(name => `"${name}"`)
  const more = names.length - shown.length
  return `The storage has ${flowCount(names.length)}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/**
 * The flow to run: the given one, by its name or its location, else the only one.
 *
 * @throws FlowstoreError MISSING_OPTION, FLOW_NOT_CONTAINED
 */
function flowToRun({ flow, storage: file }: RunCommand, storage: Storage): string {
  // It says itself why it runs no flow.
  if (storage instanceof Memory) return flow ?? ''
  const [name, ...others] = storage.flows.keys()
  if (flow === undefined) {
    if (name !== undefined && others.length === 0) return name
    throw new FlowstoreError('MISSING_OPTION', "the option '--flow' is required", {
      hint: contentText(storage)
    })
  }
  const { flows } = storage
  if (flows.has(flow) || [...flows.values()].includes(flow)) return flow
  // A storage names one flow of each name, and has the sources of all.
  if (storage.content === 'entrypoint' && isEntrypoint(flow)) return flow
  throw notContained(flow, file, storage)
}

function notContained(
  flow: string,
  file: string,
  storage: Storage,
  detail?: string
): FlowstoreError {
  const { flows } = storage
  const near = nearest(flow, [...flows.keys(), ...(isEntrypoint(flow) ? flows.values() : [])])
  return new FlowstoreError('FLOW_NOT_CONTAINED', `the storage '${file}' has no flow "${flow}"`, {
    detail,
    hint: `${near === undefined ? '' : `Did you mean "${near}"? `}${contentText(storage)}`
  })
}

/** Everything that a run needs except its arguments. */
export interface RunSurroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Shows the steps before the flow runs. */
  readonly log: Log
  /** Receives the output of the flow. */
  readonly write: (text: string) => void
  /** Ends the run, and removes its container. */
  readonly signal?: AbortSignal
}

/** Runs one flow from its storage, until its final state. */
export async function runFlow(
  command: RunCommand,
  { cwd, env, log, write, signal }: RunSurroundings
): Promise<{ readonly flow: string; readonly result: FlowRunResult } & RunFacts> {
  const { storage, madeBy } = await readStorage(cwd, command.storage, 'run')
  const flow = flowToRun(command, storage)
  const control: RunControl = {
    onOutput: chunk => write(chunk.toString('utf8')),
    onProgress: text => {
      log.progress(text)
    },
    signal
  }
  const { python, requirementsFile, choice, pythonDependencies, baseUrl } = command
  const request = { python, requirementsFile, choice, pythonDependencies, madeBy, baseUrl }
  const runner = storage.getEnvRunner(flow, flowRunner({ ...request, ...control, cwd, env, log }))
  const variables = variablesOf(command, env)
  const result = await runner.run({ env: variables, parameters: command.parameters })
  const { flows, content } = storage
  const isListed = flows.has(flow) || [...flows.values()].includes(flow)
  if (!isListed && !result.loaded) {
    throw notContained(flow, command.storage, storage, result.message ?? undefined)
  }
  return { flow, result, content, api: variables['PREFECT_API_URL'] }
}

/** @throws FlowstoreError INVALID_OPTION for a variable that is not set here */
function variablesOf(
  { env }: RunCommand,
  own: RunSurroundings['env']
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, given]): [string, string] => {
      const value = given ?? own[name]
      if (value !== undefined) return [name, value]
      throw invalid(
        `the option 'env' names the variable ${name}, which is not set`,
        'Set it, or give its value: --env NAME=VALUE.'
      )
    })
  )
}

/** What a hint about a run depends on. */
interface RunFacts {
  readonly content: FlowContent
  /** The address of Prefect's API, if the run has one. */
  readonly api: string | undefined
}

/** An address without the user and the password that it may have. */
const withoutLogin = (url: string): string => url.replace(/\/\/[^/@]*@/, '//')

/** Errors of Prefect's client: a module may use the API while it is imported. */
const OF_API =
  /Prefect API|reach API|connection attempts failed|Connect(Error|Timeout)|\b(401|403|5\d\d) [A-Z]/

function hintFor(
  { state, refused, message, loaded }: FlowRunResult,
  isQuiet: boolean,
  { content, api }: RunFacts
): string {
  if (refused) {
    return /valid string/.test(message ?? '')
      ? `A value that is JSON is read as JSON. Put a text in quotes: --param 'NAME="5"'.`
      : /missing|required|unexpected/i.test(message ?? '')
        ? 'Give each parameter as --param NAME=VALUE.'
        : 'Give each parameter a value of its type: --param NAME=VALUE, in which numbers, lists and mappings are JSON.'
  }
  if (state === null) {
    if (content === 'entrypoint' && (loaded || OF_API.test(message ?? ''))) {
      const when = loaded ? 'before the flow began' : 'while its module was imported'
      return api === undefined
        ? `Prefect itself failed ${when}: its own server, which a run without PREFECT_API_URL needs. A busy machine may take too long to start it: run it again, or name a server (--env PREFECT_API_URL=URL).`
        : `Prefect itself failed ${when}. Check that its API is at ${withoutLogin(api)} as seen from the flow, and takes the login (--env PREFECT_API_KEY, or --env PREFECT_API_AUTH_STRING for a server with a password).`
    }
    return content === 'entrypoint'
      ? 'Its module has to load here as in its build: add the packages that it needs with --requirements-file and its variables with --env NAME=VALUE, or choose an interpreter with --python.'
      : 'A flow runs in the Python that made it, or one like it: choose another with `python`.'
  }
  if (state === 'Paused' || state === 'Suspended') {
    return 'A flow that waits to be resumed has no end here: run it with a deployment.'
  }
  return isQuiet
    ? 'The output of the flow says why: run it without --quiet to see it.'
    : 'The output of the flow, above this message, says why.'
}

/**
 * The error of a run that did not succeed, or undefined.
 *
 * @param verbosity `quiet` does not show the output of the flow
 * @param facts default those of a flow that is a pickle
 */
export function runError(
  flow: string,
  result: FlowRunResult,
  verbosity: Verbosity = 'normal',
  facts: RunFacts = { content: 'pickle', api: undefined }
): FlowstoreError | undefined {
  if (result.successful) return undefined
  const { state, message, detail, refused } = result
  return new FlowstoreError(
    refused ? 'INVALID_OPTION' : 'FLOW_RUN',
    state === null
      ? `flow "${flow}" did not run: ${message ?? 'no reason given'}`
      : [`flow "${flow}" ended ${state}`, message].filter(Boolean).join(': '),
    {
      detail: detail ?? undefined,
      hint: hintFor(result, verbosity === 'quiet', facts)
    }
  )
}

/** The line of a run that succeeded. */
export const finalLine = (
  flow: string,
  { state, message }: Pick<FlowRunResult, 'state' | 'message'>
): string => plainLine([flow, state, message].filter(Boolean).join(': '))

/**
 * `flowstore run`: what the flow prints goes to standard error, its final state to standard output.
 *
 * @throws FlowstoreError FLOW_RUN for a final state that is not Successful
 */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, screen, colours }: CommandOutput
): Promise<void> {
  const command = parseRun(args)
  const abort = new AbortController()
  const interrupt = () => abort.abort(new FlowstoreError('FLOW_RUN', 'the run was interrupted'))
  onEndSignals(interrupt)
  const live = new LiveLine(screen)
  const { flow, result, ...facts } = await runFlow(command, {
    cwd: process.cwd(),
    env,
    log: terminalLog(live, command.verbosity, colours),
    write: text => {
      // The flow runs: nothing else is done.
      live.end()
      if (command.verbosity !== 'quiet') live.write(text)
    },
    signal: abort.signal
  }).finally(() => {
    live.end()
  })
  const error = runError(flow, result, command.verbosity, facts)
  const { state, message } = result
  if (command.json) {
    const failure = error === undefined ? {} : jsonErrors([error])
    print(printableJson({ flow, state, message, exitCode: 0, ...failure }))
  } else if (!error) print(finalLine(flow, result))
  if (error) throw error
}
