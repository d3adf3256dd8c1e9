import type {
  CheckResult,
  LoadRequest,
  LoadResult,
  ProbeResult,
  RunResult
} from './protocol.js'
import type { ReadableFlow } from './readable-flow.js'

/** A module of the repository that flows import at run time. */
export interface ModuleFile {
  /** Path on this machine. */
  readonly source: string
  /** Path below a folder of `sys.path`. */
  readonly path: string
  readonly size: number
}

/** A load's result with the files it made. */
export interface Loaded {
  readonly result: LoadResult
  /** The files that the result names, by their paths. */
  readonly files: ReadonlyMap<string, Buffer>
  /** What the modules printed while they were imported. */
  readonly log: string
}

/** How a flow is run. */
export interface FlowRun {
  readonly parameters: Readonly<Record<string, unknown>>
  /** Variables beside those that Python has there. */
  readonly env: Readonly<Record<string, string>>
  /** Called with what the run prints, as it comes. */
  readonly onOutput: (chunk: Buffer) => void
  /** Ends the run. */
  readonly signal?: AbortSignal | undefined
}

/** What can be asked of a Python that has the sources. */
export interface PythonLoader {
  /** Imports modules and serializes their flows. */
  load(request: Omit<LoadRequest, 'protocol' | 'action' | 'root' | 'output'>): Promise<Loaded>
}

/** What can be asked of a Python that has seen none of the user's modules. */
export interface PythonChecker {
  /** Reads flows back. */
  check(flows: readonly ReadableFlow[]): Promise<CheckResult>
}

/**
 * One process that loads and checks: Prefect is imported once, and each request is answered by a fork
 * of the process as it is then. It lives until it is closed.
 */
export interface PythonSession extends PythonLoader, PythonChecker {
  /**
   * As {@link PythonChecker.check}.
   *
   * @param modules of the repository, to be importable meanwhile; on this machine alone, for a container
   * has them in the layer
   */
  check(flows: readonly ReadableFlow[], modules?: readonly ModuleFile[]): Promise<CheckResult>
  close(): Promise<void>
}

/**
 * A Python that can run the loader: an interpreter on this machine, or one in containers of an image.
 * Every method throws FlowstoreError LOAD_FAILED where the process gives no result.
 */
export interface Python extends PythonLoader, PythonChecker {
  /** For people: `a container of python:3.6`, `/usr/bin/python3.9`. */
  readonly description: string
  /**
   * Tells what the interpreter has; imports nothing of it.
   *
   * @param folders those to tell of, with the folders above them; default none
   */
  probe(folders?: readonly string[]): Promise<ProbeResult>
  open(): Promise<PythonSession>
  /** Runs a flow until its final state; it may use the network. */
  run(flow: ReadableFlow, run: FlowRun): Promise<RunResult>
}

/** Opens a session for one piece of work. Its result or failure counts, not how the session closes. */
export async function inSession<S extends PythonSession, T>(
  open: () => Promise<S>,
  work: (session: S) => Promise<T>
): Promise<T> {
  const session = await open()
  try {
    return await work(session)
  } finally {
    // The work is done, or failed before this: that is what is told.
    await session.close().catch(() => undefined)
  }
}
