import { PassThrough, type Duplex, type Writable } from 'node:stream'
import { processScope } from '../util/scope.js'
import { packTar, unpackTar, type TarEntry } from '../util/tar.js'
import { DaemonError } from './daemon-error.js'
import type { Engine } from './engine/engine.js'
import { readFrames } from './engine/frames.js'

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
  const path = `/containers/${await newContainer(engine, start)}`
  try {
    const connection = await engine.attach(`${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`)
    const streams = outputStreams(connection)
    return new AttachedContainer(engine, path, start.ephemeral ?? false, connection, streams)
  } catch (error) {
    // Report the first failure.
    await deleteContainer(engine, path).catch(() => undefined)
    throw error
  }
}

const hasNetwork = ({ network = 'none' }: ContainerStart): boolean =>
  network === 'default' || network === 'host'

/** @returns its id */
async function newContainer(engine: Engine, start: ContainerStart): Promise<string> {
  const [program = '', ...args] = start.command
  const { Id: id } = await engine.ask<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    json: {
      Image: start.image,
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
  archive: Buffer | NodeJS.ReadableStream
): Promise<void> {
  await engine.ask({ method: 'PUT', path: `${path}/archive?path=%2F`, archive })
}

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
  /** Lets it wait for the end of a container that starts. */
  private begin: (start: Promise<void>) => void = () => undefined

  constructor(
    private readonly engine: Engine,
    private readonly path: string,
    private readonly isEphemeral: boolean,
    readonly input: Duplex,
    { output, errors, drained }: Outputs
  ) {
    this.output = output
    this.errors = errors
    const started = new Promise<void>(resolve => {
      this.begin = resolve
    })
    this.ended = started.then(() => this.exitCode(drained))
    this.forget = processScope.defer(() => this.remove())
    // A caller that awaits it still gets its failure.
    this.ended.catch(() => undefined)
    // The daemon removes it. Any other container stays until `remove`.
    if (isEphemeral) this.ended.then(this.forget, this.forget)
  }

  async start(): Promise<void> {
    const start = this.engine
      .ask({ method: 'POST', path: `${this.path}/start` })
      .then(() => undefined)
    this.begin(start)
    try {
      await start
    } catch (error) {
      // Report the first failure.
      await deleteContainer(this.engine, this.path).catch(() => undefined)
      this.forget()
      throw error
    }
  }

  put(entries: readonly TarEntry[]): Promise<void> {
    return putEntries(this.engine, this.path, packTar(entries))
  }

  putArchive(archive: Buffer): Promise<void> {
    return putEntries(this.engine, this.path, archive)
  }

  async read(folder: string, most: number): Promise<ReadonlyMap<string, Buffer>> {
    const path = `${this.path}/archive?path=${encodeURIComponent(folder)}`
    const files = await unpackTar(await this.engine.open({ method: 'GET', path }), most)
    // The archive's paths begin with the folder's own name.
    const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`
    return new Map([...files].map(([name, content]) => [name.slice(prefix.length), content]))
  }

  async created(): Promise<number> {
    const path = `${this.path}/json`
    const { Created: date } = await this.engine.ask<{ Created: string }>({ method: 'GET', path })
    return Date.parse(date) / 1000
  }

  leave(): void {
    this.waiting.abort()
    this.input.destroy()
    const path = `${this.path}/kill`
    // Its input has ended, so it also ends by itself if this request fails.
    this.engine.ask({ method: 'POST', path, background: true }).catch(() => undefined)
  }

  async remove(): Promise<void> {
    if (this.isEphemeral) await killContainer(this.engine, this.path)
    else await deleteContainer(this.engine, this.path)
    this.forget()
  }

  private async exitCode(drained: Promise<void>): Promise<number> {
    try {
      const { StatusCode: code } = await this.engine.ask<{ StatusCode: number }>({
        method: 'POST',
        path: `${this.path}/wait`,
        signal: this.waiting.signal
      })
      await drained
      return code
    } catch (error) {
      // Close the connection: its output is no longer needed.
      this.input.destroy()
      throw error
    } finally {
      this.output.end()
      this.errors.end()
    }
  }
}

/** Ends a container, which the daemon then removes. */
async function killContainer(engine: Engine, path: string): Promise<void> {
  await engine.ask({ method: 'POST', path: `${path}/kill` }).catch(unlessGone)
}

async function deleteContainer(engine: Engine, path: string): Promise<void> {
  await engine.ask({ method: 'DELETE', path: `${path}?force=true&v=true` }).catch(unlessGone)
}

/** 404: there is no such container. 409: it has ended, or its removal has begun. */
function unlessGone(error: unknown): void {
  if (error instanceof DaemonError && (error.status === 404 || error.status === 409)) return
  throw error
}
