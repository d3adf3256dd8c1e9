import { posix } from 'node:path'
import { Writable } from 'node:stream'
import {
  createContainer,
  startContainer,
  type Container,
  type CreatedContainer
} from '../docker/container.js'
import type { Daemon } from '../docker/daemon.js'
import { FlowstoreError } from '../errors.js'
import { sourceEntries } from '../sources/archive.js'
import { noSources, rootBelowTop, type Sources } from '../sources/sources.js'
import { tarOf, type TarEntry } from '../util/tar.js'
import { shellQuoted } from '../util/text.js'
import { DEFAULT_LIMITS, type Limits } from './limits.js'
import type { Python, PythonSession } from './loader.js'
import type { LoaderOutput } from './protocol/loader-output.js'
import { networkOfRun } from './host-api.js'
import { openSession, pythonOver } from './python.js'
import type { FileToPut, LoaderProcess, Purpose, Transport, Unpack } from './transport.js'

/** The loader's folder in a container; never in an image. */
const HOME = '/flowstore'
const OUTPUT = `${HOME}/out`
const SOURCES = `${HOME}/src`
// Files of a run.
const INPUT = 'input'
const SCRIPT = 'run.sh'
const STARTED = 'started'

const ROOT = /^(0|root)(:|$)/
/** Writes `/etc/hosts`, which a container without a network lacks; only root can. */
const WRITE_HOSTS = String.raw`printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > /etc/hosts`
/** Prefect's own commands run `python`; images with only python3 work too. */
const RUN_PYTHON = 'exec "$(command -v python || command -v python3 || echo python)" "$@"'

/** Loads and checks that a container may have after the last sign of life of its run. */
const MOST_REQUESTS = 5

/** Maximum bytes to send over standard input. More are sent through the daemon, which takes longer. */
const MOST_INPUT = 1 << 20

/** A {@link PythonSession} in a container, with access to its filesystem. */
export interface ContainerSession extends PythonSession {
  /** Unpacks the archive of a layer below `/`. */
  putLayer(archive: Buffer): Promise<void>
  /** Some paths that modules changed; undefined if the search takes too long. */
  changes(): Promise<readonly string[] | undefined>
}

/** {@link Python} in containers. */
export interface ContainerPython extends Python {
  open(): Promise<ContainerSession>
}

const sizeOf = (file: FileToPut): number =>
  file.content === undefined ? file.size : file.content.length

/** A process of the loader in its own container. */
class ContainerProcess implements LoaderProcess {
  readonly folders
  readonly input
  readonly output
  readonly errors
  readonly ended

  constructor(
    private readonly container: Container,
    private readonly isRoot: boolean,
    private readonly sources: Sources,
    { input, ended }: Pick<Container, 'input' | 'ended'> = container
  ) {
    const root = posix.join(SOURCES, rootBelowTop(sources))
    this.folders = { home: HOME, output: OUTPUT, sources: root, top: SOURCES }
    this.input = input
    this.output = container.output
    this.errors = container.errors
    this.ended = ended
  }

  prepare(unpack?: Unpack): Promise<void> {
    const entries = [
      { path: HOME.slice(1), folder: true as const },
      // Writable for any user of the image.
      { path: OUTPUT.slice(1), folder: true as const, mode: 0o777 },
      ...(this.sources.files.length > 0 ? sourceEntries(this.sources, SOURCES.slice(1)) : [])
    ]
    return this.putEntries(entries, this.sources.size, unpack)
  }

  put(files: readonly FileToPut[], unpack?: Unpack): Promise<void> {
    const entries = files.map(file => ({ ...file, path: `${HOME.slice(1)}/${file.path}` }))
    const size = files.reduce((sum, file) => sum + sizeOf(file), 0)
    return this.putEntries(entries, size, unpack)
  }

  /** Unpacks an archive below `/`. */
  async putArchive(archive: Buffer, unpack?: Unpack): Promise<void> {
    const isShort = this.isRoot && archive.length <= MOST_INPUT
    if (isShort && (await unpack?.(archive))) return
    await this.container.putArchive(archive)
  }

  read(folder: string, most: number): Promise<ReadonlyMap<string, Buffer>> {
    return this.container.read(folder, most)
  }

  /** Time at which the container was created, in seconds of the daemon's clock. */
  created(): Promise<number> {
    return this.container.created()
  }

  async end({ wait }: { readonly wait: boolean }): Promise<void> {
    if (wait) await this.container.remove()
    else this.container.leave()
  }

  private async putEntries(
    entries: readonly TarEntry[],
    size: number,
    unpack?: Unpack
  ): Promise<void> {
    if (unpack && this.isRoot && size <= MOST_INPUT) await this.putArchive(await tarOf(entries), unpack)
    else await this.container.put(entries)
  }
}

/**
 * Runs Python with its standard input in a file: what an ENTRYPOINT gives to its command may have another standard input
 * or no line breaks. `conda run` is such a one.
 */
function startOnceComplete(
  container: CreatedContainer,
  args: readonly string[]
): Pick<Container, 'input' | 'ended'> {
  const parts: Buffer[] = []
  const input = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(part)
      done()
    }
  })
  const run = async (): Promise<number> => {
    const script = `: > ${OUTPUT}/${STARTED}\nset -- ${args.map(shellQuoted).join(' ')}\n${RUN_PYTHON} < ${HOME}/${INPUT}\n`
    await container.put([
      { path: posix.join(HOME.slice(1), SCRIPT), content: script },
      { path: posix.join(HOME.slice(1), INPUT), content: Buffer.concat(parts) }
    ])
    await container.start()
    container.input.end()
    return container.ended
  }
  const ended = new Promise<number>((resolve, reject) => {
    input.once('finish', () => {
      run().then(resolve, reject)
    })
  })
  return { input, ended }
}

/** Why a run has no result, if its command was never started. */
const notStarted =
  (image: string) =>
  ({ exitCode, files }: LoaderOutput): FlowstoreError | undefined =>
    files.has(STARTED)
      ? undefined
      : new FlowstoreError(
          'FLOW_RUN',
          `the ENTRYPOINT of ${image} ended with exit code ${exitCode} and did not run the command of the container`,
          {
            hint: "Prefect's agents start a flow through the ENTRYPOINT of its image, and so does `flowstore run`. Let it run its arguments, as `exec \"$@\"` does at the end of a script, or remove it: ENTRYPOINT [] in the Dockerfile of the base image."
          }
        )

function containerTransport(
  daemon: Daemon,
  image: string,
  sources: Sources,
  user: string | undefined,
  env: Readonly<Record<string, string>>,
  limits: Limits
): Transport<ContainerProcess> {
  // If the image is missing, the start reports it.
  const isImageOfRoot = async (): Promise<boolean> =>
    ROOT.test((user ?? (await daemon.inspect(image))?.user) || '0')

  /** Starts a flow as Prefect's agents do: through the ENTRYPOINT, in the image's WORKDIR. */
  const startRun = async (
    more: Readonly<Record<string, string>>,
    args: readonly string[]
  ): Promise<ContainerProcess> => {
    const container = await createContainer(daemon.engine, {
      image,
      command: ['sh', `${HOME}/${SCRIPT}`],
      throughEntrypoint: true,
      ...networkOfRun({ ...env, ...more })
    })
    const process = startOnceComplete(container, args)
    return new ContainerProcess(container, false, noSources('/'), process)
  }

  const start = async (purpose: Purpose, args: readonly string[]): Promise<ContainerProcess> => {
    if (purpose.kind === 'run') return startRun(purpose.env, args)
    const isRoot = await isImageOfRoot()
    const command = isRoot ? `${WRITE_HOSTS}; ${RUN_PYTHON}` : RUN_PYTHON
    const container = await startContainer(daemon.engine, {
      image,
      command: ['sh', '-c', command, 'sh', ...args],
      workingDirectory: '/',
      network: isRoot ? 'disabled' : 'none',
      ephemeral: purpose.kind === 'session',
      longest: MOST_REQUESTS * limits.seconds,
      confined: limits,
      env
    })
    const isSession = purpose.kind === 'session'
    return new ContainerProcess(container, isRoot, isSession ? sources : noSources('/'))
  }

  return {
    description: `a container of ${image}`,
    limits,
    inContainer: true,
    start,
    notStarted: notStarted(image)
  }
}

/**
 * Python in containers of an image: without the runner's environment, with the sources copied in, and without
 * a network except for the run of a flow.
 *
 * @param image reference or id of an image that the daemon has
 * @param sources the sources of a load; default none
 * @param user the user of the image; by default, the daemon is asked for it
 * @param env variables that the image lacks; default none
 * @param limits what a load or a check may take; default {@link DEFAULT_LIMITS}
 */
export function containerPython(
  daemon: Daemon,
  image: string,
  sources: Sources = noSources('/'),
  user?: string,
  env: Readonly<Record<string, string>> = {},
  limits: Limits = DEFAULT_LIMITS
): ContainerPython {
  const transport = containerTransport(daemon, image, sources, user, env, limits)
  const open = async (): Promise<ContainerSession> => {
    const { session, process } = await openSession(transport)
    // Ask while Prefect is imported.
    const created = process.created()
    created.catch(() => undefined)
    return {
      load: (...args) => session.load(...args),
      check: (flows, checks) => session.check(flows, checks),
      putLayer: archive =>
        session.afterSources(unpack => process.putArchive(archive, unpack)),
      changes: async () => session.changes(await created, [HOME]),
      isolation: session.isolation,
      close: () => session.close()
    }
  }
  return pythonOver(transport, open)
}
