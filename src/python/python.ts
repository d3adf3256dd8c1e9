import { BROKEN_HINT } from '../docker/daemon-error.js'
import { FlowstoreError } from '../errors.js'
import type * as z from '../util/schema.js'
import { isolationOf, ISOLATED, type Isolation } from './cell.js'
import { TooLargeError } from '../util/tar.js'
import {
  endSchema,
  limitError,
  MOST_ANSWER,
  requestLimits,
  type Limits,
  type LimitEnd
} from './limits.js'
import { type LoaderOutput, parsedFile, processFault, readResult } from './protocol/loader-output.js'
import { ConnectionEnded, RequestChannel } from './protocol/channel.js'
import { Marks, withoutMarks } from './protocol/marks.js'
import { loaderDelivery } from './delivery.js'
import {
  type FlowRun,
  inSession,
  type Loaded,
  type ModuleFile,
  type Python,
  type PythonSession
} from './loader.js'
import {
  changesResultSchema,
  type CheckRequest,
  checkResultSchema,
  type CheckResult,
  loadResultSchema,
  type LoaderRequest,
  type LoadRequest,
  placeResultSchema,
  probeResultSchema,
  PROTOCOL,
  type ReleaseChecks,
  runResultSchema,
  startResultSchema
} from './protocol/protocol.js'
import type { CheckedFlow, ReadableFlow } from './protocol/readable-flow.js'
import type { Work } from './protocol/work.js'
import type { FileToPut, LoaderProcess, ProcessFolders, Purpose, Transport } from './transport.js'

// Subfolders of the process's folder.
const FLOWS = 'flows'
/** On `sys.path` in a session on this machine. */
export const MODULES = 'modules'

/** A request without the fields that every request has. */
type Question<R = LoaderRequest> = R extends unknown ? Omit<R, 'protocol' | 'output'> : never

const requestJson = (question: Question, output: string): string =>
  JSON.stringify({ protocol: PROTOCOL, ...question, output })

/** A flow as a request names it, and the file to send for it. */
interface LocatedFlow {
  readonly flow: CheckRequest['flows'][number]
  readonly files: readonly FileToPut[]
}

/**
 * Chooses the path of a flow's file for a request.
 *
 * @param folders those of the process
 * @param index its index among the flows of the request
 */
function locate(flow: ReadableFlow, folders: ProcessFolders, index: number): LocatedFlow {
  const { name } = flow
  if (flow.kind === 'entrypoint') {
    const { entrypoint, folder } = flow
    const path = folder ?? folders.sources
    return { flow: { name, path, content: 'entrypoint', entrypoint }, files: [] }
  }
  const { content } = flow
  if (flow.kind === 'file') return { flow: { name, path: flow.path, content }, files: [] }
  const path = `${FLOWS}/${index}`
  return {
    flow: { name, path: `${folders.home}/${path}`, content },
    files: [{ path, content: flow.bytes }]
  }
}

async function startLoader<P extends LoaderProcess>(
  transport: Transport<P>,
  purpose: Purpose,
  mode: readonly string[]
): Promise<P> {
  const { boot, input } = await loaderDelivery()
  const process = await transport.start(purpose, ['-c', boot, ...mode])
  process.input.write(input)
  return process
}

/** {@link PythonSession} over any transport. */
export class Session implements PythonSession {
  private readonly channel: RequestChannel
  private readonly prepared: Promise<void>
  private closed: Promise<void> | undefined

  constructor(
    private readonly process: LoaderProcess,
    private readonly transport: Pick<Transport, 'description' | 'limits' | 'inContainer'>
  ) {
    this.channel = new RequestChannel(process, process.folders.output)
    // Prefect is imported meanwhile. The next request reports a failure.
    this.prepared = process.prepare(this.unpack)
    this.prepared.catch(() => undefined)
  }

  async load(...[request, onModule]: Parameters<PythonSession['load']>): Promise<Loaded> {
    await this.prepared
    this.channel.marks.onModule = onModule
    const { sources: root, top } = this.process.folders
    const limits = this.limits()
    const question = { ...request, action: 'load', root, top, limits } satisfies Question<LoadRequest>
    const work = () => this.channel.marks.load
    const output = await this.askWithin(question, work)
    const result = readResult(output, loadResultSchema, this.where, work())
    return { result, files: output.files, log: output.log }
  }

  async check(
    flows: readonly CheckedFlow[],
    checks: ReleaseChecks,
    modules: readonly ModuleFile[] = [],
    beside: readonly ModuleFile[] = []
  ): Promise<CheckResult> {
    const located = flows.map((flow, index) => locate(flow, this.process.folders, index))
    await this.put([
      ...located.flatMap(({ files }) => files),
      ...modules.map(module => ({ ...module, path: `${MODULES}/${module.path}` })),
      ...beside.map(file => ({ ...file, path: `${FLOWS}/${file.path}` }))
    ])
    const question = {
      action: 'check',
      flows: located.map(({ flow }) => flow),
      checks,
      limits: this.limits()
    } as const
    const work = () => this.channel.marks.checkOf(flows)
    const output = await this.askWithin(question, work)
    return readResult(output, checkResultSchema, this.where, work())
  }

  /** Puts further files after the sources. */
  async afterSources(put: (unpack: Session['unpack']) => Promise<void>): Promise<void> {
    await this.prepared
    await put(this.unpack)
  }

  /**
   * Asks for some paths that changed since the session began; undefined if the search takes too long, or if modules may
   * have changed the process of the session.
   *
   * @param created time at which the process's container was created, in seconds of the kernel's clock
   * @param ignored absolute paths to ignore, with everything below them
   */
  async changes(
    created: number,
    ignored: readonly string[]
  ): Promise<readonly string[] | undefined> {
    const question = { action: 'changes', created, besides: ignored } as const
    const { changed } = await this.result(question, changesResultSchema)
    return this.channel.isSealed ? (changed ?? undefined) : undefined
  }

  get isolation(): Isolation {
    const { inContainer } = this.transport
    const isolation = inContainer ? ISOLATED : (this.channel.isolation ?? isolationOf(''))
    return { ...isolation, processes: isolation.processes && this.channel.isSealed }
  }

  close(): Promise<void> {
    return (this.closed ??= this.process.end({ wait: !this.channel.isIdle }))
  }

  private readonly unpack = async (archive: Buffer): Promise<boolean> => {
    const question = { action: 'place', archive: archive.toString('base64') } as const
    const { placed } = await this.result(question, placeResultSchema)
    return placed
  }

  private async put(files: readonly FileToPut[]): Promise<void> {
    await this.afterSources(async unpack => {
      if (files.length > 0) await this.process.put(files, unpack)
    })
  }

  private async result<T>(question: Question, schema: z.ZodType<T>): Promise<T> {
    return readResult(await this.ask(question), schema, this.where)
  }

  private get where(): string {
    return this.transport.description
  }

  private limits() {
    return requestLimits(this.transport.limits, this.transport.inContainer)
  }

  /**
   * Asks for what runs the user's code.
   *
   * @param work what the process does
   * @throws FlowstoreError LOAD_LIMIT
   */
  private async askWithin(
    question: Question,
    work: () => Work | undefined
  ): Promise<LoaderOutput> {
    this.channel.marks.reset()
    const reached = (end: LimitEnd): FlowstoreError =>
      limitError(end, {
        limits: this.transport.limits,
        work: work(),
        root: this.process.folders.sources,
        where: this.where
      })
    let isLate = false
    // The session itself ends the request, unless modules stop it.
    const timer = setTimeout(() => {
      isLate = true
      this.process.end({ wait: true }).catch(() => undefined)
    }, this.transport.limits.seconds * 1000 + GRACE)
    const output = await this.ask(question, reached).finally(() => {
      clearTimeout(timer)
    })
    const file = output.files.get('ended.json')
    if (file !== undefined) throw reached(parsedFile(file, endSchema, this.where))
    if (isLate) throw reached({ reason: 'time', stack: '' })
    return output
  }

  private async ask(
    question: Question,
    reached?: (end: LimitEnd) => FlowstoreError
  ): Promise<LoaderOutput> {
    try {
      return await this.channel.ask(output => requestJson(question, output))
    } catch (error) {
      if (reached && error instanceof TooLargeError) throw reached({ reason: 'size', stack: '' })
      if (error instanceof ConnectionEnded && this.transport.inContainer) {
        throw new FlowstoreError('DAEMON', `the connection to ${this.where} ended before its answer`, {
          hint: BROKEN_HINT,
          cause: error
        })
      }
      throw processFault(error, this.channel.printed, this.where)
    }
  }
}

/** Starts a process that answers requests until it is closed. */
export async function openSession<P extends LoaderProcess>(
  transport: Transport<P>
): Promise<{ readonly session: Session; readonly process: P }> {
  const process = await startLoader(transport, { kind: 'session' }, ['session'])
  return { session: new Session(process, transport), process }
}

/** One request in its own process. */
interface SingleRequest {
  readonly purpose: Purpose
  /** Creates the question and its files, for the folders of the process. */
  readonly prepare: (folders: ProcessFolders) => { question: Question; files: readonly FileToPut[] }
  /** The flows that it reads back; default none. */
  readonly flows?: readonly CheckedFlow[]
  readonly onOutput?: (chunk: Buffer) => void
  readonly signal?: AbortSignal | undefined
  /** What it may take; default no limit. */
  readonly limits?: Limits | undefined
}

/** Milliseconds that a session gets for its own end of a request. */
const GRACE = 10_000

/** The output of a request, and what its process did last. */
type SingleOutput = LoaderOutput & { readonly work: Work | undefined }

async function askOnce(transport: Transport, request: SingleRequest): Promise<SingleOutput> {
  const { onOutput, signal, limits, flows = [] } = request
  signal?.throwIfAborted()
  const process = await startLoader(transport, request.purpose, ['once'])
  const printed: Buffer[] = []
  const marks = new Marks()
  const log = () => withoutMarks(Buffer.concat(printed).toString('utf8'))
  const end = () => {
    // Below, it is ended again and waited for.
    process.end({ wait: true }).catch(() => undefined)
  }
  let isLate = false
  const timer =
    limits === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true
          end()
        }, limits.seconds * 1000)
  const reached = (reason: LimitEnd['reason']): FlowstoreError =>
    limitError(
      { reason, stack: '' },
      {
        limits: limits ?? transport.limits,
        work: marks.checkOf(flows),
        root: process.folders.sources,
        where: transport.description
      }
    )
  try {
    signal?.addEventListener('abort', end)
    signal?.throwIfAborted()
    for (const stream of [process.output, process.errors]) {
      stream.on('data', (chunk: Buffer) => {
        printed.push(chunk)
        if (stream === process.errors) marks.follow(chunk.toString('utf8'))
        onOutput?.(chunk)
      })
    }
    const { output } = process.folders
    const { question, files } = request.prepare(process.folders)
    await process.prepare()
    if (files.length > 0) await process.put(files)
    process.input.end(`${requestJson(question, output)}\n`)
    const exitCode = await process.ended
    signal?.throwIfAborted()
    if (isLate) throw reached('time')
    const written = await process.read(output, MOST_ANSWER)
    return { exitCode, log: log(), files: written, work: marks.checkOf(flows) }
  } catch (error) {
    if (error instanceof TooLargeError) throw reached('size')
    if (isLate) throw reached('time')
    // After an abort, the abort is the reason for any failure.
    signal?.throwIfAborted()
    throw processFault(error, log(), transport.description)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    // A failure here does not matter: it has answered, or its own failure is reported.
    await process.end({ wait: true }).catch(() => undefined)
  }
}

/** The error of a run that ended its Python, so that the flow has no state. */
function endedInRun({ exitCode, files }: LoaderOutput, where: string): FlowstoreError | undefined {
  if (files.has('result.json')) return undefined
  return new FlowstoreError(
    'FLOW_RUN',
    `Python ended with exit code ${exitCode} before the flow had a final state (${where})`,
    {
      hint:
        exitCode === KILLED
          ? 'It was killed, probably because the memory ran out.'
          : 'The flow, or native code that it uses, ended the interpreter, as os._exit does. Its output says more.'
    }
  )
}

/** The exit code after SIGKILL. */
const KILLED = 137

/**
 * A {@link Python} over a transport.
 *
 * @param open opens a session over it
 */
export function pythonOver<S extends PythonSession>(
  transport: Transport,
  open: () => Promise<S>
): Python & { open(): Promise<S> } {
  const { description } = transport
  return {
    description,
    open,
    probe: async (folders = []) => {
      const output = await askOnce(transport, {
        purpose: { kind: 'request' },
        prepare: () => ({ question: { action: 'probe', folders }, files: [] })
      })
      return readResult(output, probeResultSchema, description)
    },
    load: (...args) => inSession(open, session => session.load(...args)),
    // Not in a session: its container would still exist, and an image with a container can't be removed.
    check: async (flows, checks) => {
      const output = await askOnce(transport, {
        purpose: { kind: 'request' },
        prepare: folders => {
          const located = flows.map((flow, index) => locate(flow, folders, index))
          return {
            question: {
              action: 'check',
              flows: located.map(({ flow }) => flow),
              checks,
              limits: requestLimits(transport.limits, transport.inContainer)
            },
            files: located.flatMap(({ files }) => files)
          }
        },
        flows,
        limits: transport.limits
      })
      return readResult(output, checkResultSchema, description, output.work)
    },
    start: async command => {
      const { limits, inContainer } = transport
      const output = await askOnce(transport, {
        purpose: { kind: 'command' },
        prepare: () => ({
          question: { action: 'start', command, limits: requestLimits(limits, inContainer) },
          files: []
        }),
        limits
      })
      return readResult(output, startResultSchema, description)
    },
    run: async (readable: ReadableFlow, { parameters, env, onOutput, signal }: FlowRun) => {
      const output = await askOnce(transport, {
        // Unbuffered, so that the output of a flow comes at once.
        purpose: { kind: 'run', env: { PYTHONUNBUFFERED: '1', ...env } },
        prepare: folders => {
          const { flow, files } = locate(readable, folders, 0)
          return { question: { action: 'run', flow, parameters }, files }
        },
        onOutput,
        signal
      })
      const fault = transport.notStarted?.(output) ?? endedInRun(output, description)
      if (fault !== undefined) throw fault
      return readResult(output, runResultSchema, description)
    }
  }
}
