import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { Sources } from '../sources/sources.js'
import { startProcess } from '../util/process.js'
import { temporaryFolder } from '../util/temporary.js'
import { loaderDelivery } from './delivery.js'
import { moduleEnvironment } from './variables.js'
import {
  checkResult,
  inSession,
  loadResult,
  placedFlows,
  probeResult,
  requestJson,
  runResult,
  type FlowRun,
  type FlowToCheck,
  type LoaderOutput,
  type PythonPlace,
  type PythonSession
} from './loader.js'
import type { CheckRequest } from './protocol.js'
import { LoaderSession, newToken } from './session.js'

/** What a run in an interpreter on this machine needs. */
export interface InterpreterOptions {
  /** The interpreter's absolute path. */
  readonly python: string
  readonly sources: Sources
  /** Variables of the machine; flow modules get only what an interpreter needs to start. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The declared variables. */
  readonly envVars: Readonly<Record<string, string>>
}

async function readFolder(folder: string, prefix = ''): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (entry.isDirectory())
      for (const [name, bytes] of await readFolder(folder, path)) files.set(name, bytes)
    else files.set(path, await readFile(join(folder, path)))
  }
  return files
}

/**
 * Python in an interpreter on this machine, on the work tree as it stands, with the runner's
 * credentials taken out of its environment. Unlike a container it is not cut off from the network.
 */
export function interpreterPython(options: InterpreterOptions): PythonPlace {
  const { python, sources } = options

  const run = async (
    request: (folder: string, flows: CheckRequest['flows']) => string,
    wanted: readonly FlowToCheck[] = [],
    live: Partial<FlowRun> = {}
  ): Promise<LoaderOutput> => {
    const { path: folder, remove } = await temporaryFolder()
    try {
      for (const name of ['home', 'out', 'flows']) await mkdir(join(folder, name))
      const { flows, contents } = placedFlows(wanted, join(folder, 'flows'))
      for (const [path, content] of contents) await writeFile(path, content)
      const { boot, input } = await loaderDelivery()
      live.signal?.throwIfAborted()
      const child = startProcess(python, ['-c', boot, 'once'], {
        cwd: folder,
        env: {
          ...moduleEnvironment(options.env, options.envVars, join(folder, 'home')),
          ...(live.env ? { PYTHONUNBUFFERED: '1', ...live.env } : {})
        }
      })
      live.signal?.addEventListener('abort', child.end)
      const printed: Buffer[] = []
      for (const stream of [child.output, child.errors]) {
        stream.on('data', (chunk: Buffer) => {
          printed.push(chunk)
          live.onOutput?.(chunk)
        })
      }
      child.input.end(Buffer.concat([input, Buffer.from(`${request(folder, flows)}\n`)]))
      const exitCode = await child.ended.finally(() => {
        live.signal?.removeEventListener('abort', child.end)
      })
      live.signal?.throwIfAborted()
      const log = Buffer.concat(printed).toString('utf8')
      return { exitCode, log, files: await readFolder(join(folder, 'out')) }
    } finally {
      await remove()
    }
  }

  const open = async (): Promise<PythonSession> => {
    const { path: folder, remove } = await temporaryFolder()
    const place = (name: string) => join(folder, name)
    for (const name of ['home', 'out', 'flows', 'modules']) await mkdir(place(name))
    const paths = [options.envVars['PYTHONPATH'], place('modules')].filter(Boolean)
    const token = newToken()
    const { boot, input } = await loaderDelivery()
    const child = startProcess(python, ['-c', boot, 'session', token], {
      cwd: folder,
      env: {
        ...moduleEnvironment(options.env, options.envVars, place('home')),
        PYTHONPATH: paths.join(delimiter)
      }
    })
    child.input.write(input)
    const session = new LoaderSession({ ...child, read: readFolder }, token, place('out'))
    return {
      load: async request =>
        loadResult(
          await session.ask(at =>
            requestJson({ ...request, action: 'load', root: sources.root, output: at })
          ),
          python
        ),
      check: async (wanted, modules = []) => {
        for (const { source, path } of modules) {
          const to = place(`modules/${path}`)
          await mkdir(dirname(to), { recursive: true })
          await copyFile(source, to)
        }
        const { flows, contents } = placedFlows(wanted, place('flows'))
        for (const [path, content] of contents) await writeFile(path, content)
        return checkResult(
          await session.ask(at => requestJson({ action: 'check', flows, output: at })),
          python
        )
      },
      close: async () => {
        child.end()
        await child.ended.catch(() => undefined)
        await remove()
      }
    }
  }

  return {
    description: python,
    open,
    probe: async (folders = []) =>
      probeResult(
        await run(folder => requestJson({ action: 'probe', folders, output: join(folder, 'out') })),
        python
      ),
    load: request => inSession(open, session => session.load(request)),
    check: flows => inSession(open, session => session.check(flows)),
    run: async (wanted, live) => {
      const { parameters } = live
      const request = (folder: string, [flow = { name: '', path: '' }]: CheckRequest['flows']) =>
        requestJson({ action: 'run', flow, parameters, output: join(folder, 'out') })
      return runResult(await run(request, [wanted], live), python)
    }
  }
}
