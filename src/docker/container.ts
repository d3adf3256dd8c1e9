import { PassThrough } from 'node:stream'
import { atEnd } from '../util/ends.js'
import { type Engine, readFrames } from './engine.js'
import { packTar, unpackTar, type TarEntry } from '../util/tar.js'

/** A container to start. */
export interface ContainerStart {
  /** Reference or id of an image that the daemon has. */
  readonly image: string
  readonly command: readonly string[]
  /** Put below `/` before the start. */
  readonly files?: readonly TarEntry[]
  readonly env?: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  /**
   * `none` (default) is one of its own with nothing in it. So is `disabled`, which the daemon has ready in
   * half the time, but then the container has no `/etc/hosts` either. `default` is the daemon's.
   */
  readonly network?: 'none' | 'disabled' | 'default'
  /** Whether the daemon removes it when it ends, whoever is there then; default false. */
  readonly ephemeral?: boolean
}

/** A command to run once in a container of an image. */
export interface ContainerRun extends ContainerStart {
  /** Its standard input; default none. */
  readonly input?: Buffer
  /** A folder to read back after the end. */
  readonly output?: string
  /** Called with what the command prints, as it comes. */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  /** Ends the run: the container is removed at once. */
  readonly signal?: AbortSignal | undefined
}

/** What came of a {@link ContainerRun}. */
export interface ContainerResult {
  readonly exitCode: number
  /** Standard output and standard error, as they came. */
  readonly log: string
  /** Files of the output folder: path relative to it, to content. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** A container that runs. */
export interface RunningContainer {
  /** Its standard output, as it comes. */
  readonly output: PassThrough
  /** Its standard error, as it comes. */
  readonly errors: PassThrough
  /** Its standard input. */
  readonly input: NodeJS.WritableStream
  /** Its exit code, once it ended. */
  readonly ended: Promise<number>
  /** Puts entries below `/`. */
  put(entries: readonly TarEntry[]): Promise<void>
  /** Puts what an archive has below `/`. */
  putArchive(archive: Buffer): Promise<void>
  /** Reads all files of a folder: path relative to it, to content. */
  read(folder: string): Promise<ReadonlyMap<string, Buffer>>
  /** When it was made, in seconds of the daemon's clock. */
  created(): Promise<number>
  /** Ends it, and waits for nothing more of it. */
  leave(): void
  /** Ends and removes it. */
  remove(): Promise<void>
}

/**
 * Creates a container, copies files in (no bind mounts: the daemon may be on another machine), and
 * starts its command.
 */
export async function startContainer(
  engine: Engine,
  run: ContainerStart
): Promise<RunningContainer> {
  const [entrypoint = '', ...rest] = run.command
  const { Id: id } = await engine.ask<{ Id: string }>({
    method: 'POST',
    path: '/containers/create',
    json: {
      Image: run.image,
      Entrypoint: [entrypoint],
      Cmd: rest,
      Env: Object.entries(run.env ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(run.workingDirectory === undefined ? {} : { WorkingDir: run.workingDirectory }),
      Healthcheck: { Test: ['NONE'] },
      OpenStdin: true,
      StdinOnce: true,
      NetworkDisabled: run.network === 'disabled',
      HostConfig: {
        // Engines that know no `NetworkDisabled` still give it none.
        ...(run.network === 'default' ? {} : { NetworkMode: 'none' }),
        // What it prints is read as it comes.
        LogConfig: { Type: 'none', Config: {} },
        AutoRemove: run.ephemeral ?? false
      }
    }
  })
  const path = `/containers/${id}`
  const post = (action: string) =>
    engine.ask<undefined>({ method: 'POST', path: `${path}/${action}` })
  const remove = async () => {
    await engine.ask({ method: 'DELETE', path: `${path}?force=true&v=true` }).catch(() => undefined)
  }
  const putArchive = async (archive: Buffer | NodeJS.ReadableStream) => {
    await engine.ask({ method: 'PUT', path: `${path}/archive?path=%2F`, archive })
  }
  try {
    const put = (entries: readonly TarEntry[]) => putArchive(packTar(entries))
    const [input] = await Promise.all([
      engine.attach(`${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`),
      run.files && put(run.files)
    ])
    const output = new PassThrough()
    const errors = new PassThrough()
    const read = readFrames((bytes, isError) => (isError ? errors : output).write(bytes))
    input.on('data', read)
    const end = () => {
      output.end()
      errors.end()
    }
    // A connection that breaks ends as one that is closed.
    const drained = new Promise(resolve =>
      input.on('error', resolve).once('close', resolve).once('end', resolve)
    )
    await post('start')
    const waiting = new AbortController()
    const ended = engine
      .ask<{ StatusCode: number }>({
        ...{ method: 'POST', path: `${path}/wait` },
        signal: waiting.signal
      })
      .then(async ({ StatusCode: code }) => {
        await drained
        end()
        return code
      })
    // Of one that removes itself it is enough that it ends.
    const stop = run.ephemeral ? () => post('kill').catch(() => undefined) : remove
    const forget = atEnd(stop)
    // Whoever waits for it hears of it; a removed container answers nobody.
    ended.catch(end).then(forget, forget)
    return {
      output,
      errors,
      input,
      ended,
      put,
      putArchive,
      read: async folder =>
        filesIn(
          await engine.open({
            method: 'GET',
            path: `${path}/archive?path=${encodeURIComponent(folder)}`
          }),
          folder
        ),
      created: async () => {
        const { Created: at } = await engine.ask<{ Created: string }>({
          method: 'GET',
          path: `${path}/json`
        })
        return Date.parse(at) / 1000
      },
      leave: () => {
        waiting.abort()
        input.destroy()
        const kill = { method: 'POST', path: `${path}/kill`, background: true } as const
        engine.ask(kill).catch(() => undefined)
      },
      remove: stop
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/**
 * Runs a command in a container of its own, copies files out and removes the container whatever
 * happens.
 */
export async function runContainer(engine: Engine, run: ContainerRun): Promise<ContainerResult> {
  run.signal?.throwIfAborted()
  const container = await startContainer(engine, run)
  const end = () => void container.remove()
  try {
    run.signal?.addEventListener('abort', end)
    run.signal?.throwIfAborted()
    const printed: Buffer[] = []
    for (const stream of [container.output, container.errors]) {
      stream.on('data', (chunk: Buffer) => {
        printed.push(chunk)
        run.onOutput?.(chunk)
      })
    }
    container.input.end(run.input ?? '')
    const exitCode = await container.ended
    run.signal?.throwIfAborted()
    const files = run.output === undefined ? new Map<string, Buffer>() : container.read(run.output)
    return { exitCode, log: Buffer.concat(printed).toString('utf8'), files: await files }
  } catch (error) {
    // What fails once the container was taken away fails for that reason.
    run.signal?.throwIfAborted()
    throw error
  } finally {
    run.signal?.removeEventListener('abort', end)
    await container.remove()
  }
}

async function filesIn(
  archive: NodeJS.ReadableStream,
  folder: string
): Promise<ReadonlyMap<string, Buffer>> {
  const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`
  const files = await unpackTar(archive)
  return new Map([...files].map(([path, content]) => [path.slice(prefix.length), content]))
}
