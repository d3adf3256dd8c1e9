import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { topOf, type Sources } from '../sources/sources.js'
import { startProcess, type RunningProcess } from '../util/process.js'
import { processScope, Scope } from '../util/scope.js'
import { temporaryFolder } from '../util/temporary.js'
import type { Python } from './loader.js'
import { MODULES, openSession, pythonOver } from './python.js'
import type { FileToPut, LoaderProcess, Purpose, Transport } from './transport.js'
import { moduleEnvironment } from './module-environment.js'

/** Options of {@link interpreterPython}. */
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

async function putFile(folder: string, file: FileToPut): Promise<void> {
  const to = join(folder, file.path)
  await mkdir(dirname(to), { recursive: true })
  if (file.content === undefined) await copyFile(file.source, to)
  else await writeFile(to, file.content)
}

/** A process of the loader on this machine, in its own temporary folder. */
function localProcess(
  running: RunningProcess,
  home: string,
  sources: Sources,
  scope: Scope
): LoaderProcess {
  return {
    input: running.input,
    output: running.output,
    errors: running.errors,
    ended: running.ended,
    folders: { home, output: join(home, 'out'), sources: sources.root, top: topOf(sources) },
    // The sources are used in place.
    prepare: () => Promise.resolve(),
    put: async files => {
      for (const file of files) await putFile(home, file)
    },
    read: readFolder,
    end: () => scope.end()
  }
}

function localTransport({ python, sources, env, envVars }: InterpreterOptions): Transport {
  const variables = (purpose: Purpose, folder: string): Record<string, string> => {
    const declared = moduleEnvironment(env, envVars, join(folder, 'home'))
    switch (purpose.kind) {
      case 'session': {
        const paths = [envVars['PYTHONPATH'], join(folder, MODULES)].filter(Boolean)
        return { ...declared, PYTHONPATH: paths.join(delimiter) }
      }
      case 'request':
        return declared
      case 'run':
        return { ...declared, ...purpose.env }
    }
  }

  const start = async (purpose: Purpose, args: readonly string[]): Promise<LoaderProcess> => {
    const scope = new Scope(processScope)
    try {
      const { path: folder } = await temporaryFolder(scope)
      for (const name of ['home', 'out', MODULES]) await mkdir(join(folder, name))
      const env = variables(purpose, folder)
      const running = startProcess(python, args, { cwd: folder, env, scope })
      return localProcess(running, folder, sources, scope)
    } catch (error) {
      // Report the first failure.
      await scope.end().catch(() => undefined)
      throw error
    }
  }

  return { description: python, start }
}

/**
 * Python in an interpreter on this machine, with the sources in place and without the runner's credentials in
 * its environment. Unlike a container, it has the network.
 */
export function interpreterPython(options: InterpreterOptions): Python {
  const transport = localTransport(options)
  return pythonOver(transport, async () => (await openSession(transport)).session)
}
