import { sourceEntries } from '../sources/archive.js'
import { noSources, type Sources } from '../sources/sources.js'
import { runContainer, startContainer } from '../docker/container.js'
import type { Engine } from '../docker/engine/engine.js'
import { tarOf, type TarEntry } from '../util/tar.js'
import { loaderDelivery } from './delivery.js'
import {
  changesResult,
  checkResult,
  inSession,
  loadResult,
  placedFlows,
  placeResult,
  probeResult,
  requestJson,
  runResult,
  type FlowRun,
  type FlowToCheck,
  type LoaderOutput,
  type PythonPlace,
  type PythonSession
} from './loader.js'
import { LoaderSession, newToken } from './session.js'

/** Where the sources and the loader's results lie in a loading container; never in an image. */
const HOME = '/flowstore'
const OUTPUT = `${HOME}/out`
const SOURCES = `${HOME}/src`
const FLOWS = `${HOME}/flows`

const ROOT = /^(0|root)(:|$)/
/** What a container whose network is disabled lacks; only root can write it. */
const NAME_ITSELF = String.raw`printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > /etc/hosts`
/** Prefect's own commands say `python`; images that have only python3 are loaded all the same. */
const PYTHON = 'exec "$(command -v python || command -v python3 || echo python)" -c "$0" "$@"'

/** What is handed over in a line, in bytes; an archive keeps the daemon busy, and has no bounds. */
const LINE = 1 << 20

/** A {@link PythonSession} in a container, whose filesystem can be looked at. */
export interface ContainerSession extends PythonSession {
  /** Puts what the archive of a layer has below `/`. */
  putLayer(archive: Buffer): Promise<void>
  /** Some paths that modules changed; undefined where it can't be told, or not soon. */
  changes(): Promise<readonly string[] | undefined>
}

/** {@link PythonPlace} in containers. */
export interface ContainerPython extends PythonPlace {
  open(): Promise<ContainerSession>
}

/**
 * Python in containers of an image: no network, nothing of the runner's environment,
 * sources copied in.
 *
 * @param image reference or id of an image that the daemon has
 * @param sources what a load sees; default nothing
 * @param user the image's, where it is known; default the daemon is asked
 */
export function containerPython(
  engine: Engine,
  image: string,
  sources: Sources = noSources('/'),
  user?: string
): ContainerPython {
  const description = `a container of ${image}`

  const folders: readonly TarEntry[] = [
    { path: HOME.slice(1), folder: true },
    // Whatever user the image has.
    { path: OUTPUT.slice(1), folder: true, mode: 0o777 }
  ]

  const isRoots = async (): Promise<boolean> =>
    ROOT.test((user ?? (await engine.image(image)).Config.User) || '0')

  const containerOf = (asRoot: boolean, boot: string, ...mode: readonly string[]) => ({
    image,
    command: ['sh', '-c', asRoot ? `${NAME_ITSELF}; ${PYTHON}` : PYTHON, boot, ...mode],
    workingDirectory: '/',
    network: asRoot ? ('disabled' as const) : ('none' as const)
  })

  const run = async (
    request: string,
    files: readonly TarEntry[] = [],
    live: Partial<FlowRun> = {}
  ): Promise<LoaderOutput> => {
    const { boot, input } = await loaderDelivery()
    return runContainer(engine, {
      ...containerOf(!live.env && (await isRoots()), boot, 'once'),
      files: [...folders, ...files],
      input: Buffer.concat([input, Buffer.from(`${request}\n`)]),
      output: OUTPUT,
      // Unbuffered, so that what a flow prints comes when it prints it.
      ...(live.env ? { env: { PYTHONUNBUFFERED: '1', ...live.env }, network: 'default' } : {}),
      onOutput: live.onOutput,
      signal: live.signal
    })
  }

  /** Where flows lie for a request, and what puts those there that the image doesn't have. */
  const placed = (wanted: readonly FlowToCheck[], folder: string) => {
    const { flows, contents } = placedFlows(wanted, folder)
    const files: TarEntry[] = [
      { path: folder.slice(1), folder: true },
      ...[...contents].map(([path, content]) => ({ path: path.slice(1), content }))
    ]
    return { flows, files }
  }

  const open = async (): Promise<ContainerSession> => {
    const { boot, input } = await loaderDelivery()
    const token = newToken()
    const asRoot = await isRoots()
    const container = await startContainer(engine, {
      ...containerOf(asRoot, boot, 'session', token),
      ephemeral: true
    })
    container.input.write(input)
    const session = new LoaderSession(container, token, OUTPUT)
    const putArchive = async (archive: Buffer): Promise<void> => {
      if (asRoot && archive.length <= LINE) {
        const line = { action: 'place' as const, archive: archive.toString('base64') }
        const answer = await session.ask(output => requestJson({ ...line, output }))
        if (placeResult(answer, description)) return
      }
      await container.putArchive(archive)
    }
    const entries = [...folders, ...sourceEntries(sources, SOURCES.slice(1))]
    // Prefect is imported meanwhile.
    const ready =
      asRoot && sources.size <= LINE ? tarOf(entries).then(putArchive) : container.put(entries)
    ready.catch(() => undefined)
    const creating = container.created()
    creating.catch(() => undefined)
    const look = async (): Promise<readonly string[] | undefined> => {
      const created = await creating
      const ask = (output: string) =>
        requestJson({ action: 'changes', created, besides: [HOME], output })
      return changesResult(await session.ask(ask), description)
    }
    let closed: Promise<void> | undefined
    const close = async (): Promise<void> => {
      if (session.isIdle) container.leave()
      else await container.remove()
    }
    return {
      load: async request => {
        await ready
        const ask = (output: string) =>
          requestJson({ ...request, action: 'load', root: SOURCES, output })
        return loadResult(await session.ask(ask), description)
      },
      check: async wanted => {
        const { flows, files } = placed(wanted, FLOWS)
        await ready
        if (files.length > 1) await container.put(files)
        const ask = (output: string) => requestJson({ action: 'check', flows, output })
        return checkResult(await session.ask(ask), description)
      },
      putLayer: async archive => {
        await ready
        await putArchive(archive)
      },
      changes: look,
      close: () => (closed ??= close())
    }
  }

  return {
    description,
    open,
    probe: async (asked = []) => {
      const request = requestJson({ action: 'probe', folders: asked, output: OUTPUT })
      return probeResult(await run(request), description)
    },
    load: request => inSession(open, session => session.load(request)),
    check: async wanted => {
      const { flows, files } = placed(wanted, FLOWS)
      const request = requestJson({ action: 'check', flows, output: OUTPUT })
      return checkResult(await run(request, files), description)
    },
    run: async (wanted, live) => {
      const { flows, files } = placed([wanted], FLOWS)
      const [flow = { name: '', path: '' }] = flows
      const { parameters } = live
      const request = requestJson({ action: 'run', flow, parameters, output: OUTPUT })
      return runResult(await run(request, files, live), description)
    }
  }
}
