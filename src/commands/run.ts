import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { noSources } from '../sources/sources.js'
import { FlowstoreError } from '../errors.js'
import { loadingPython } from '../environment/interpreter.js'
import { readRequirements } from '../packages/read-requirements.js'
import { dockerCredentials } from '../registry/auth/credentials.js'
import { deserialize } from '../storage/deserialize.js'
import type { FlowRunResult } from '../flows/run.js'
import type { Storage } from '../storage/storage.js'
import { userCache } from '../util/cache.js'
import { connectDocker } from '../docker/connect.js'
import { Recorder } from '../log.js'
import { nearest } from '../util/text.js'
import { minorOf } from '../util/version.js'
import { imageRunner, interpreterRunner, type RunControl } from '../flows/runners.js'

/** What `flowstore run` is asked for. */
export interface RunCommand {
  /** Path of the storage's JSON. */
  readonly storage: string
  /** Name of the flow; undefined takes the only one. */
  readonly flow: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly python: string | undefined
  readonly requirementsFile: string | undefined
  readonly pythonDependencies: readonly string[]
  readonly baseUrl: string | undefined
  readonly json: boolean
}

const FLAGS = {
  flow: { type: 'string' },
  env: { type: 'string', multiple: true },
  param: { type: 'string', multiple: true },
  python: { type: 'string' },
  'requirements-file': { type: 'string' },
  'python-dependencies': { type: 'string', multiple: true },
  'base-url': { type: 'string' },
  json: { type: 'boolean' }
} as const

const wrong = (message: string, hint?: string): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', message, { hint })

function pair(option: string, text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw wrong(`the option '${option}' is not NAME=VALUE: '${text.slice(0, 40)}'`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function parameter(text: string): [string, unknown] {
  const [name, value] = pair('param', text)
  try {
    return [name, JSON.parse(value)]
  } catch (error) {
    throw wrong(
      `the value of the parameter '${name}' is no JSON: ${(error as Error).message}`,
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
  const { tokens, values, positionals } = parseArgs({
    args: [...args],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    if (!(token.name in FLAGS)) {
      const near = nearest(token.name, Object.keys(FLAGS))
      throw new FlowstoreError('UNKNOWN_OPTION', `there is no option '${token.name}'`, {
        hint: near ? `Did you mean '${near}'?` : `There are: ${Object.keys(FLAGS).join(', ')}.`
      })
    }
    if (token.name !== 'json' && token.value === undefined) {
      throw wrong(`the option '${token.name}' needs a value`)
    }
  }
  const [storage, ...more] = positionals
  if (storage === undefined || more.length > 0) {
    throw new FlowstoreError('MISSING_OPTION', 'flowstore run takes one storage.json', {
      hint: "flowstore run .flowstore/storage.json --flow 'my flow'"
    })
  }
  const one = (name: keyof typeof FLAGS): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const many = (name: keyof typeof FLAGS): string[] => {
    const value = values[name]
    return Array.isArray(value) ? value.map(String) : []
  }
  return {
    storage,
    flow: one('flow'),
    env: Object.fromEntries(many('env').map(text => pair('env', text))),
    parameters: Object.fromEntries(many('param').map(parameter)),
    python: one('python'),
    requirementsFile: one('requirements-file'),
    pythonDependencies: many('python-dependencies'),
    baseUrl: one('base-url'),
    json: values['json'] === true
  }
}

async function readStorage(cwd: string, path: string): Promise<Storage> {
  let text: string
  try {
    text = await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new FlowstoreError('FILE_NOT_FOUND', `the storage '${path}' can't be read`, {
      hint: 'flowstore build writes it: storage.json in its output directory.',
      cause: error
    })
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

/**
 * `flowstore run`: runs one flow from its storage, until its final state.
 *
 * @param signal ends the run, and removes its container
 * @throws FlowstoreError FLOW_RUN for a final state that is not Successful
 */
export async function runFlow(
  command: RunCommand,
  {
    cwd,
    env,
    write,
    signal
  }: {
    cwd: string
    env: Readonly<Record<string, string | undefined>>
    /** Takes what is meant for people. */
    write: (text: string) => void
    signal?: AbortSignal
  }
): Promise<{ readonly flow: string; readonly result: FlowRunResult }> {
  const storage = await readStorage(cwd, command.storage)
  const flow = command.flow ?? onlyFlow(storage)
  const live: RunControl = {
    onOutput: chunk => {
      write(chunk.toString('utf8'))
    },
    signal
  }
  const runner =
    storage.kind === 'docker'
      ? imageRunner(await connectDocker(command.baseUrl, env), dockerCredentials(env), live)
      : interpreterRunner(await storagePython(storage, command, cwd, env, write), env, live)
  const run = storage.getEnvRunner(flow, runner)
  return { flow, result: await run({ env: command.env, parameters: command.parameters }) }
}

/** `major.minor` of the Python that made a local flow, which its file says from Prefect 0.14.3 on. */
async function madeBy(path: string): Promise<string | undefined> {
  try {
    const { versions } = JSON.parse(await readFile(path, 'utf8')) as {
      versions?: { python?: string }
    }
    return versions?.python ? minorOf(versions.python) : undefined
  } catch {
    // A raw pickle, which says nothing.
    return undefined
  }
}

/** An interpreter with the Prefect that the storage is of. */
async function storagePython(
  storage: Storage,
  command: RunCommand,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void
): Promise<string> {
  // Before an interpreter is looked for: a flow or a file that is not there, a storage without any.
  const flow = command.flow ?? onlyFlow(storage)
  storage.getEnvRunner(flow, interpreterRunner('', env))
  const path = storage.flows.get(flow)
  const ignore = () => undefined
  const log = new Recorder({
    info: line => {
      write(`${line}\n`)
    },
    debug: ignore,
    notice: ignore,
    begin: ignore,
    end: ignore
  })
  const cache = userCache(env)
  return loadingPython(
    {
      python:
        command.python ??
        (storage.kind === 'local' && path !== undefined ? await madeBy(path) : undefined),
      prefectVersion: storage.rules.release,
      requirements: await readRequirements(
        cwd,
        command.pythonDependencies,
        command.requirementsFile,
        { env, cache, log }
      ),
      sources: noSources(cwd),
      cwd,
      env,
      cache
    },
    log
  )
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
