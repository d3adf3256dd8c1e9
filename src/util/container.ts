import { PassThrough } from 'node:stream'
import type Dockerode from 'dockerode'
import { packTar, unpackTar, type TarEntry } from './tar.js'

/** A command to run once in a container of an image. */
export interface ContainerRun {
  /** Reference or id of an image that the daemon has. */
  readonly image: string
  readonly command: readonly string[]
  /** Put below `/` before the start. */
  readonly files?: readonly TarEntry[]
  readonly env?: Readonly<Record<string, string>>
  readonly workingDirectory?: string
  /** Whether it may reach a network; default false. */
  readonly network?: boolean
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

/**
 * Creates a container, copies files in (no bind mounts: the daemon may be on another machine),
 * runs the command, copies files out and removes the container whatever happens.
 */
export async function runContainer(docker: Dockerode, run: ContainerRun): Promise<ContainerResult> {
  const [entrypoint = '', ...rest] = run.command
  const container = await docker.createContainer({
    Image: run.image,
    Entrypoint: [entrypoint],
    Cmd: rest,
    Env: Object.entries(run.env ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(run.workingDirectory === undefined ? {} : { WorkingDir: run.workingDirectory }),
    Healthcheck: { Test: ['NONE'] },
    HostConfig: run.network ? {} : { NetworkMode: 'none' }
  })
  const end = () => void container.remove({ force: true, v: true }).catch(() => undefined)
  try {
    if (run.files && run.files.length > 0) {
      await container.putArchive(packTar(run.files), { path: '/' })
    }
    if (run.onOutput) await follow(docker, container, run.onOutput)
    run.signal?.throwIfAborted()
    run.signal?.addEventListener('abort', end)
    await container.start()
    const { StatusCode: exitCode } = (await container.wait()) as { StatusCode: number }
    run.signal?.throwIfAborted()
    const log = demultiplex(await container.logs({ stdout: true, stderr: true, follow: false }))
    const files =
      run.output === undefined
        ? new Map<string, Buffer>()
        : await outputFiles(container, run.output)
    return { exitCode, log, files }
  } catch (error) {
    // What fails once the container was taken away fails for that reason.
    run.signal?.throwIfAborted()
    throw error
  } finally {
    run.signal?.removeEventListener('abort', end)
    await container.remove({ force: true, v: true }).catch(() => undefined)
  }
}

/** Hands on both streams of a container from its start. */
async function follow(
  docker: Dockerode,
  container: Dockerode.Container,
  onOutput: (chunk: Buffer) => void
): Promise<void> {
  const stream = await container.attach({ stream: true, stdout: true, stderr: true })
  const out = new PassThrough()
  out.on('data', onOutput)
  docker.modem.demuxStream(stream, out, out)
}

/** Docker Engine API, "Attach to a container", stream format: 8 bytes of header, the last four the length. */
function demultiplex(frames: Buffer): string {
  const parts: Buffer[] = []
  let at = 0
  while (at + 8 <= frames.length) {
    const length = frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, at + 8 + length))
    at += 8 + length
  }
  return Buffer.concat(parts).toString('utf8')
}

async function outputFiles(
  container: Dockerode.Container,
  folder: string
): Promise<ReadonlyMap<string, Buffer>> {
  const archive = await unpackTar(await container.getArchive({ path: folder }))
  const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`
  return new Map([...archive].map(([path, content]) => [path.slice(prefix.length), content]))
}
