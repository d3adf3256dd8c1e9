import { constants, copyFile, mkdir, open, readdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { topOf, type Sources } from '../sources/sources.js'
import { mapFiles } from '../util/files.js'
import { startProcess, type RunningProcess } from '../util/process.js'
import { processScope, Scope } from '../util/scope.js'
import { TooLargeError } from '../util/tar.js'
import { temporaryFolder } from '../util/temporary.js'
import { cellArguments } from './cell.js'
import { DEFAULT_LIMITS, type Limits } from './limits.js'
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
  /** What a load or a check may take; default {@link DEFAULT_LIMITS}. */
  readonly limits?: Limits | undefined
  /**
   * How flow modules are cut off from a Linux machine that allows it: `closed` also from its network. Default `open`, not
   * at all.
   */
  readonly cell?: 'closed' | 'network' | 'open'
  /** Files with secrets, absolute, which are empty in a cell. Default none. */
  readonly secretPaths?: readonly string[]
}

/** The folder of temporary files in a cell. */
const TEMPORARY = 'tmp'
/** What modules in a cell may write to. */
const WRITABLE = ['home', 'out', TEMPORARY]

/** Reads a folder that modules could write to: they may have put links or pipes there, which are left out. */
async function readFolder(folder: string, most: number): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  let size = 0
  const readBelow = async (prefix: string): Promise<void> => {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
      if (entry.isDirectory()) await readBelow(path)
      if (!entry.isFile()) continue
      const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW)
      try {
        size += (await file.stat()).size
        if (size > most) throw new TooLargeError()
        files.set(path, await file.readFile())
      } finally {
        await file.close()
      }
    }
  }
  await readBelow('')
  return files
}

/** Writes files below a folder; of two with the same path, the last. */
async function putFiles(folder: string, files: readonly FileToPut[]): Promise<void> {
  const byPath = new Map(files.map(file => [join(folder, file.path), file]))
  for (const parent of new Set([...byPath.keys()].map(path => dirname(path)))) {
    await mkdir(parent, { recursive: true })
  }
  await mapFiles([...byPath], ([to, file]) =>
    file.content === undefined ? copyFile(file.source, to) : writeFile(to, file.content)
  )
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
    put: files => putFiles(home, files),
    read: readFolder,
    end: () => scope.end()
  }
}

function localTransport({
  python,
  sources,
  env,
  envVars,
  limits = DEFAULT_LIMITS,
  cell = 'open',
  secretPaths = []
}: InterpreterOptions): Transport {
  const variables = (purpose: Purpose, folder: string): Record<string, string> => {
    const declared = moduleEnvironment(env, envVars, join(folder, 'home'))
    switch (purpose.kind) {
      case 'session': {
        const paths = [envVars['PYTHONPATH'], join(folder, MODULES)].filter(Boolean)
        return { ...declared, PYTHONPATH: paths.join(delimiter) }
      }
      case 'request':
      case 'command':
        return declared
      case 'run':
        return { ...declared, ...purpose.env }
    }
  }

  const start = async (purpose: Purpose, args: readonly string[]): Promise<LoaderProcess> => {
    const scope = new Scope(processScope)
    try {
      const { path: folder } = await temporaryFolder(scope)
      for (const name of [...WRITABLE, MODULES]) await mkdir(join(folder, name))
      const processEnv = variables(purpose, folder)
      const isCutOff = purpose.kind === 'session' || purpose.kind === 'command'
      const hasCell = isCutOff && cell !== 'open' && process.platform === 'linux'
      const cellOptions = {
        ...{ keepsNetwork: cell === 'network', folder, writable: WRITABLE, temporary: TEMPORARY },
        ...{ sources, env, secretPaths, pythonPath: envVars['PYTHONPATH'] ?? '' }
      }
      const started = hasCell ? await cellArguments(cellOptions, args) : args
      const running = startProcess(python, started, { cwd: folder, env: processEnv, scope })
      return localProcess(running, folder, sources, scope)
    } catch (error) {
      // Report the first failure.
      await scope.end().catch(() => undefined)
      throw error
    }
  }

  return { description: python, limits, inContainer: false, start }
}

/**
 * Python in an interpreter on this machine, with the sources in place and without the runner's credentials in
 * its environment.
 */
export function interpreterPython(options: InterpreterOptions): Python {
  const transport = localTransport(options)
  return pythonOver(transport, async () => (await openSession(transport)).session)
}
