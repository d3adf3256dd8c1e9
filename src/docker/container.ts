import { randomBytes } from 'node:crypto'
import { PassThrough, type Duplex, type Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { throwIfInterrupted } from '../util/interruption.js'
import { processScope } from '../util/scope.js'
import { packTar, TooLargeError, unpackTar, type TarEntry } from '../util/tar.js'
import { connectionFault, DaemonError, isMissing, NoAnswer, unlessGone } from './daemon-error.js'
import type { Engine, EngineRequest } from './engine/engine.js'
import { readFrames } from './engine/frames.js'
import { LEASE_LABEL, leaseLabel, nameAlive, removeLeftoversOnce } from './leftover.js'

/** A container to start. */
export interface ContainerStart {
  /** Reference or id of an image that the daemon has. */
  readonly image: string
  readonly command: readonly string[]
  /** Whether the image's ENTRYPOINT gets the command, as with `docker run`; default false: it is replaced. */
  readonly throughEntrypoint?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  /**
   * `none` (default) is an empty network namespace. `disabled` is one too; the daemon creates it in half the
   * time, but without an `/etc/hosts`. `default` is the daemon's network, `host` that of the daemon's machine.
   */
  readonly network?: 'none' | 'disabled' | 'default' | 'host'
  /** Whether the daemon removes it when it ends, even if this process ended earlier; default false. */
  readonly ephemeral?: boolean
  /** Its name, which stays; default one that no other has. */
  readonly name?: string
  /** Seconds that it may run after the last sign of life of the run that starts it; default no limit. */
  readonly longest?: number
  /** For a container that runs code of others; default the daemon's own limits and capabilities. */
  readonly confined?: Confinement
}

/** What a container may take. It gets no new privileges, and only capabilities about files. */
interface Confinement {
  /** Bytes, without swap; undefined is no limit. */
  readonly memory: number | undefined
  /** Processes and threads. */
  readonly processes: number
}

/** For root of an image, as the layer of flows and the user's folders need it. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID']

const confinementConfig = ({ memory, processes }: Confinement): object => ({
  ...(memory !== undefined && { Memory: memory, MemorySwap: memory }),
  PidsLimit: processes,
  SecurityOpt: ['no-new-privileges'],
  CapDrop: ['ALL'],
  CapAdd: CAPABILITIES
})

/** A container that was created, and may run. */
export interface Container {
  /** Its standard output, as it comes. */
  readonly output: PassThrough
  /** Its standard error, as it comes. */
  readonly errors: PassThrough
  /** Its standard input. */
  readonly input: Writable
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>
  /** Unpacks entries below `/`. */
  put(entries: readonly TarEntry[]): Promise<void>
  /** Unpacks an archive below `/`. */
  putArchive(archive: Buffer): Promise<void>
  /**
   * Reads all files of a folder, by their paths relative to it.
   *
   * @throws TooLargeError if they have more than `most` bytes
   */
  read(folder: string, most: number): Promise<ReadonlyMap<string, Buffer>>
  /** Its time of creation, in seconds of the daemon's clock. */
  created(): Promise<number>
  /** Ends it without waiting. */
  leave(): void
  /** Ends and removes it. */
  remove(): Promise<void>
}

/** A container that does not run yet: files can be put into it first. */
export interface CreatedContainer extends Container {
  /**
   * Starts its command.
   *
   * @throws DaemonError, after the container is removed
   */
  start(): Promise<void>
}

/**
 * Creates a container and starts its command. Files are copied into it, not mounted, since the daemon may be
 * on another machine.
 *
 * @throws DaemonError, after the container is removed
 */
export async function startContainer(engine: Engine, start: ContainerStart): Promise<Container> {
  const container = await createContainer(engine, start)
  await container.start()
  return container
}

/**
 * Creates a container as {@link startContainer} does, without starting it.
 *
 * @throws DaemonError, after the container is removed
 */
export async function createContainer(
  engine: Engine,
  start: ContainerStart
): Promise<CreatedContainer> {
  throwIfInterrupted()
  const identity = { name: start.name ?? `flowstore-${newToken()}`, token: newToken() }
  const creating = newContainer(engine, start, identity)
  // Until it is known, it can be removed only by its name.
  const forget = processScope.defer(async () => {
    await creating.catch(() => undefined)
    await discard(engine, identity)
  })
  try {
    const path = `/containers/${await creating}`
    removeLeftoversOnce(engine)
    const { image } = start
    const attach = `${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`
    const connection = await engine.attach(attach, `attaching to a container of ${image}`)
    const streams = outputStreams(connection)
    const ofRun = start.name === undefined ? identity.name : undefined
    return new AttachedContainer(engine, path, { ...start, ofRun }, connection, streams)
  } catch (error) {
    // An answer of the daemon to its creation says that there is none. Report the first failure.
    const isRefused = await creating.then(
      () => false,
      (refusal: unknown) => refusal instanceof DaemonError && !refusal.isBroken
    )
    if (!isRefused) await discard(engine, identity)
    throw error
  } finally {
    forget()
  }
}

const hasNetwork = ({ network = 'none' }: ContainerStart): boolean =>
  network === 'default' || network === 'host'

/** What a container is found by whose creation had no answer. */
interface Identity {
  readonly name: string
  /** Its own, also if another container has the name. */
  readonly token: string
}

const TOKEN_LABEL = 'io.flowstore.token'
const newToken = (): string => randomBytes(8).toString('hex')

/** Milliseconds to wait for a container that the daemon may still be creating. */
const STILL_CREATING = [0, 200, 1_000, 2_000]

/** Removes a container by its name, as far as the daemon lets it. */
async function discard(engine: Engine, { name, token }: Identity): Promise<void> {
  const path = `/containers/${name}`
  for (const pause of STILL_CREATING) {
    await wait(pause)
    try {
      const { Id: id, Config: config } = await engine.ask<{
        readonly Id: string
        readonly Config: { readonly Labels?: Readonly<Record<string, string>> }
      }>({ method: 'GET', path: `${path}/json`, doing: `looking for the container ${name}` })
      if (config.Labels?.[TOKEN_LABEL] === token) {
        await deleteContainer(engine, `/containers/${id}`, `the container ${name}`)
      }
      return
    } catch (error) {
      // The lease of the container ends if this fails too.
      if (!isMissing(error) && !(error instanceof DaemonError && error.isBroken)) return
    }
  }
}

/** Seconds for what a run does with a container that does not run. */
const idleSeconds = ({ limits }: Engine): number => (3 * limits.work) / 1000

/** Signs of life in the shortest lease. */
const SIGNS_OF_LIFE = 4

/** @returns its id */
async function newContainer(
  engine: Engine,
  start: ContainerStart,
  { name, token }: Identity
): Promise<string> {
  const [program = '', ...args] = start.command
  const idle = idleSeconds(engine)
  const running = start.longest === undefined ? undefined : start.longest + idle
  const { Id: id } = await engine.ask<{ Id: string }>({
    method: 'POST',
    path: `/containers/create?name=${name}`,
    doing: `creating a container of ${start.image}`,
    limit: 'work',
    json: {
      Image: start.image,
      Labels: { [LEASE_LABEL]: leaseLabel({ idle, running }), [TOKEN_LABEL]: token },
      ...(start.throughEntrypoint ? { Cmd: start.command } : { Entrypoint: [program], Cmd: args }),
      Env: Object.entries(start.env ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(start.workingDirectory === undefined ? {} : { WorkingDir: start.workingDirectory }),
      Healthcheck: { Test: ['NONE'] },
      OpenStdin: true,
      StdinOnce: true,
      NetworkDisabled: start.network === 'disabled',
      // Without a network only this name has an address, and packages such as distributed look up their own.
      ...(hasNetwork(start) ? {} : { Hostname: 'localhost' }),
      HostConfig: {
        // For engines that ignore `NetworkDisabled`.
        ...(start.network === 'default'
          ? {}
          : { NetworkMode: hasNetwork(start) ? 'host' : 'none' }),
        // The output is read as it comes; the daemon does not store it.
        LogConfig: { Type: 'none', Config: {} },
        AutoRemove: start.ephemeral ?? false,
        ...(start.confined && confinementConfig(start.confined))
      }
    }
  })
  return id
}

async function putEntries(
  engine: Engine,
  path: string,
  archive: Buffer | NodeJS.ReadableStream,
  image: string
): Promise<void> {
  const doing = `copying files into a container of ${image}`
  const target = `${path}/archive?path=%2F`
  await engine.ask({ method: 'PUT', path: target, doing, limit: 'work', archive })
}

const NO_ARCHIVE = 'its answer is not a whole archive'

/** Whether an archive can't be read for what is in it, and not since the connection broke or it is too large. */
const isOfArchive = (error: unknown): boolean =>
  !(error instanceof TooLargeError) && (error as NodeJS.ErrnoException).code === undefined

/** The two outputs of a container, read from its connection. */
interface Outputs {
  readonly output: PassThrough
  readonly errors: PassThrough
  /** Fulfilled when the connection was closed or broke. */
  readonly drained: Promise<void>
}

function outputStreams(connection: Duplex): Outputs {
  const output = new PassThrough()
  const errors = new PassThrough()
  const read = readFrames((bytes, isError) => (isError ? errors : output).write(bytes))
  connection.on('data', read)
  const drained = new Promise<void>(resolve => {
    for (const event of ['error', 'close', 'end']) {
      connection.on(event, () => {
        resolve()
      })
    }
  })
  return { output, errors, drained }
}

class AttachedContainer implements CreatedContainer {
  readonly output: PassThrough
  readonly errors: PassThrough
  readonly ended: Promise<number>
  private readonly waiting = new AbortController()
  private readonly forget: () => void
  private readonly image: string
  private readonly isEphemeral: boolean
  /** Whether the daemon removes it at its end. */
  private isStarted = false
  private isRemoved = false
  /** Lets it wait for the end of a container that starts. */
  private begin: (start: Promise<void>) => void = () => undefined

  constructor(
    private readonly engine: Engine,
    private readonly path: string,
    { image, ephemeral = false, ofRun }: ContainerStart & { readonly ofRun: string | undefined },
    readonly input: Duplex,
    { output, errors, drained }: Outputs
  ) {
    this.image = image
    this.isEphemeral = ephemeral
    this.output = output
    this.errors = errors
    const started = new Promise<void>(resolve => {
      this.begin = resolve
    })
    this.ended = started.then(() => this.exitCode(drained))
    const renewing = ofRun === undefined ? undefined : this.renew(ofRun)
    const undefer = processScope.defer(() => this.remove())
    this.forget = () => {
      clearInterval(renewing)
      undefer()
    }
    // A caller that awaits it still gets its failure.
    this.ended.catch(() => undefined)
    // The daemon removes it. Any other container stays until `remove`.
    if (ephemeral) this.ended.then(this.forget, () => undefined)
  }

  async start(): Promise<void> {
    const path = `${this.path}/start`
    const start = this.ask({ method: 'POST', path, doing: 'starting', limit: 'work' }).then(() => {
      this.isStarted = true
    })
    this.begin(start)
    try {
      await start
    } catch (error) {
      // Report the first failure.
      await this.remove().catch(() => undefined)
      throw error
    }
  }

  put(entries: readonly TarEntry[]): Promise<void> {
    return putEntries(this.engine, this.path, packTar(entries), this.image)
  }

  putArchive(archive: Buffer): Promise<void> {
    return putEntries(this.engine, this.path, archive, this.image)
  }

  async read(folder: string, most: number): Promise<ReadonlyMap<string, Buffer>> {
    const path = `${this.path}/archive?path=${encodeURIComponent(folder)}`
    const doing = `reading files of a container of ${this.image}`
    const files = await this.engine.read({ method: 'GET', path, doing, limit: 'work' }, answer =>
      unpackTar(answer, most).catch((error: unknown) => {
        throw isOfArchive(error) ? new DaemonError(NO_ARCHIVE, { doing, cause: error }) : error
      })
    )
    // The archive's paths begin with the folder's own name.
    const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`
    return new Map([...files].map(([name, content]) => [name.slice(prefix.length), content]))
  }

  async created(): Promise<number> {
    const path = `${this.path}/json`
    const doing = 'asking for the time of creation of'
    const { Created: date } = await this.ask<{ Created: string }>({ method: 'GET', path, doing })
    return Date.parse(date) / 1000
  }

  leave(): void {
    this.waiting.abort()
    this.input.destroy()
    const path = `${this.path}/kill`
    // Its input has ended, so it also ends by itself if this request fails.
    this.ask({ method: 'POST', path, doing: 'ending', background: true }).catch(() => undefined)
    this.forget()
  }

  async remove(): Promise<void> {
    this.isRemoved = true
    this.input.destroy()
    // The daemon removes no container that did not start, or whose start had no answer.
    if (this.isEphemeral && this.isStarted) await this.kill()
    else await this.delete()
    this.forget()
    // The request that waits for its end does not keep this process alive.
    if (this.isStarted) await settled(this.ended, SHORTLY)
  }

  /**
   * Tells other runs that this one lives, until it forgets the container. If that fails once or twice, the lease is not
   * over yet.
   *
   * @param name its name at its creation
   */
  private renew(name: string): NodeJS.Timeout {
    const from = performance.now()
    const tell = () => {
      const alive = nameAlive(name, (performance.now() - from) / 1000)
      const path = `${this.path}/rename?name=${alive}`
      this.ask({ method: 'POST', path, doing: 'renaming', background: true }).catch(() => undefined)
    }
    return setInterval(tell, (idleSeconds(this.engine) * 1000) / SIGNS_OF_LIFE).unref()
  }

  private async kill(): Promise<void> {
    const path = `${this.path}/kill`
    await this.ask({ method: 'POST', path, doing: 'ending', limit: 'work' })
      .catch(unlessGone)
      .catch(() => this.delete())
  }

  private delete(): Promise<void> {
    return deleteContainer(this.engine, this.path, `a container of ${this.image}`)
  }

  private ask<T>(request: EngineRequest): Promise<T> {
    const doing = `${request.doing} a container of ${this.image}`
    return this.engine.ask<T>({ ...request, doing })
  }

  private async exitCode(drained: Promise<void>): Promise<number> {
    const doing = `waiting for the end of a container of ${this.image}`
    const limit = this.engine.limits.answer
    let isLate = false
    let isOver = false
    let timer: NodeJS.Timeout | undefined
    // A container and its output end together: when one has ended, the other has not much time left.
    const otherIsLate = (end: () => void): void => {
      if (isOver) return
      timer ??= setTimeout(() => {
        isLate = true
        end()
      }, limit)
      if (this.isRemoved) timer.unref()
    }
    void drained.then(() => {
      otherIsLate(() => {
        this.waiting.abort()
      })
    })
    try {
      const { StatusCode: code } = await this.engine.ask<{ StatusCode: number }>({
        ...{ method: 'POST', path: `${this.path}/wait`, doing, limit: 'wait' },
        signal: this.waiting.signal,
        // The connection to its output keeps this process alive.
        background: true
      })
      otherIsLate(() => {
        this.input.destroy()
      })
      await drained
      if (isLate) throw new NoAnswer(limit)
      return code
    } catch (error) {
      // Close the connection: its output is no longer needed.
      this.input.destroy()
      throw isLate ? connectionFault(new NoAnswer(limit), doing) : error
    } finally {
      isOver = true
      clearTimeout(timer)
      this.output.end()
      this.errors.end()
    }
  }
}

/** Milliseconds for the answer about the end of a container that is gone. */
const SHORTLY = 1_000

/** Waits until a promise is settled, but not longer than a limit in milliseconds. */
async function settled(promise: Promise<unknown>, limit: number): Promise<void> {
  const over = new AbortController()
  const late = wait(limit, undefined, { signal: over.signal })
  await Promise.allSettled([Promise.race([promise, late]).finally(() => over.abort()), late])
}

async function deleteContainer(engine: Engine, path: string, what: string): Promise<void> {
  const removal = `${path}?force=true&v=true`
  const doing = `removing ${what}`
  const attempt = () =>
    engine.ask({ method: 'DELETE', path: removal, doing, limit: 'work' }).catch(unlessGone)
  // A second time, since it may have been busy. One that said nothing has taken all the time.
  await attempt().catch((error: unknown) => {
    if ((error as Error).cause instanceof NoAnswer) throw error
    return attempt()
  })
}
