import type { Isolation } from './cell.js'
import type {
  CheckResult,
  LoadRequest,
  LoadResult,
  ProbeResult,
  ReleaseChecks,
  RunResult,
  StartResult
} from './protocol/protocol.js'
import type { CheckedFlow, ReadableFlow } from './protocol/readable-flow.js'

/** A file of the repository that flows need at run time: a module, or what modules read. */
export interface ModuleFile {
  /** Path on this machine. */
  readonly source: string
  /** Path below a folder of `sys.path`. */
  readonly path: string
  readonly size: number
  /** Default 0644. */
  readonly mode?: number
}

/** The result of a load, with its files. */
export interface Loaded {
  readonly result: LoadResult
  /** The files that the result names, by their paths. */
  readonly files: ReadonlyMap<string, Buffer>
  /** The output of the modules during their import. */
  readonly log: string
}

/** How a flow is run. */
export interface FlowRun {
  readonly parameters: Readonly<Record<string, unknown>>
  /** Variables to add to those of that Python. */
  readonly env: Readonly<Record<string, string>>
  /** Called with the output of the run, as it comes. */
  readonly onOutput: (chunk: Buffer) => void
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined
}

/** How far a load is. */
export interface ModuleProgress {
  /** The imported modules. */
  readonly done: number
  readonly count: number
  /** The module that is imported now. */
  readonly file: string
}

/** A Python with the sources. */
export interface PythonLoader {
  /**
   * Imports modules and serializes their flows.
   *
   * @param onModule called before each module is imported
   */
  load(
    request: Omit<LoadRequest, 'protocol' | 'action' | 'root' | 'top' | 'output' | 'limits'>,
    onModule?: (module: ModuleProgress) => void
  ): Promise<Loaded>
}

/** A Python that has not imported the user's modules. */
export interface PythonChecker {
  /** Reads flows back, and asks the release about them. */
  check(flows: readonly CheckedFlow[], checks: ReleaseChecks): Promise<CheckResult>
}

/**
 * One process that loads and checks: it imports Prefect once, and a fork of it answers each request. It runs
 * until it is closed.
 */
export interface PythonSession extends PythonLoader, PythonChecker {
  /**
   * As {@link PythonChecker.check}.
   *
   * @param modules modules of the repository that the check can import; only on this machine, since a
   * container has them in the layer
   * @param beside files to put beside flows that are given as bytes; likewise
   */
  check(
    flows: readonly CheckedFlow[],
    checks: ReleaseChecks,
    modules?: readonly ModuleFile[],
    beside?: readonly ModuleFile[]
  ): Promise<CheckResult>
  /** What modules are cut off from, known after the first answer. */
  readonly isolation: Isolation
  close(): Promise<void>
}

/**
 * A Python that can run the loader: an interpreter on this machine, or one in containers of an image. Every
 * method throws FlowstoreError LOAD_FAILED if the process gives no result, a check HEALTHCHECK if a flow ends it.
 */
export interface Python extends PythonLoader, PythonChecker {
  /** For messages: `a container of python:3.6`, `/usr/bin/python3.9`. */
  readonly description: string
  /**
   * Describes the interpreter and lists its packages, without importing any of them.
   *
   * @param folders folders to describe, with their parents; default none
   */
  probe(folders?: readonly string[]): Promise<ProbeResult>
  open(): Promise<PythonSession>
  /**
   * Starts a command of a package, cut off as modules are.
   *
   * @param command the name of a script, which is that of its package too, and arguments
   */
  start(command: readonly string[]): Promise<StartResult>
  /** Runs a flow until its final state; it may use the network. */
  run(flow: ReadableFlow, run: FlowRun): Promise<RunResult>
}

/** Opens a session for one piece of work, and closes it. */
export async function inSession<S extends PythonSession, T>(
  open: () => Promise<S>,
  work: (session: S) => Promise<T>
): Promise<T> {
  const session = await open()
  try {
    return await work(session)
  } finally {
    // A failure here does not matter: the work is done, or its own failure is reported.
    await session.close().catch(() => undefined)
  }
}
