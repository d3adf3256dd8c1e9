import { readFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { PACKAGE_ROOT } from '../paths.js'
import { topOf, type Sources } from '../sources/sources.js'

/** What flow modules are cut off from while they are loaded. */
export interface Isolation {
  /** They have no network but their own loopback. */
  readonly network: boolean
  /** They see and reach no process but their own. */
  readonly processes: boolean
  /** They see no home folder and change no file but temporary ones of their own. */
  readonly files: boolean
}

/** Every container of a load. */
export const ISOLATED: Isolation = { network: true, processes: true, files: true }

/** The isolation that the first line of a session names: `files,processes,network`, or nothing. */
export function isolationOf(held: string): Isolation {
  const parts = held.split(',')
  return {
    network: parts.includes('network'),
    processes: parts.includes('processes'),
    files: parts.includes('files')
  }
}

/** Whether modules ran in a cell; it may have had the network of the machine. */
export const isCell = ({ files, processes }: Isolation): boolean => files && processes

/** What is open to modules. */
export const openParts = (isolation: Isolation): string[] =>
  (['network', 'processes', 'files'] as const).filter(part => !isolation[part])

/** What a cell is made for. */
export interface CellOptions {
  /** Whether modules keep the network of the machine. */
  readonly keepsNetwork: boolean
  /** The folder of the process. */
  readonly folder: string
  /** Its subfolders that modules may write to. */
  readonly writable: readonly string[]
  /** Its subfolder for temporary files. */
  readonly temporary: string
  readonly sources: Sources
  /** Variables of the machine. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Files with secrets, absolute. */
  readonly secretPaths: readonly string[]
  /** The variable PYTHONPATH of the process. */
  readonly pythonPath: string
}

/** A folder and those above it. */
function andAbove(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...andAbove(parent)]
}

const homeOfUser = (): string => {
  try {
    return userInfo().homedir
  } catch {
    return homedir()
  }
}

let text: Promise<string> | undefined

/**
 * The arguments of a Python on Linux that makes a cell and starts itself in it. If the machine allows no cell, it starts
 * without one; the first line of its standard output says which it was.
 *
 * @param args its arguments in the cell
 */
export async function cellArguments(options: CellOptions, args: readonly string[]): Promise<string[]> {
  text ??= readFile(join(PACKAGE_ROOT, 'python', 'cell.py'), 'utf8')
  const { folder, sources, env, pythonPath } = options
  const top = topOf(sources)
  const hidden = [env['HOME'], homeOfUser(), env['RUNNER_TEMP']].filter(Boolean)
  const shown = [top, ...pythonPath.split(delimiter).filter(isAbsolute)]
  // Names have to be resolved with the network of the machine.
  if (options.keepsNetwork) shown.push('/etc/resolv.conf')
  // An earlier step may have left a token there.
  const configs = andAbove(sources.root).map(each => join(each, '.git', 'config'))
  const settings = [
    `cwd=${folder}`,
    ...options.writable.map(name => `write=${name}`),
    `temporary=${join(folder, options.temporary)}`,
    ...hidden.map(path => `hide=${path}`),
    ...shown.map(path => `show=${path}`),
    ...[...configs, ...options.secretPaths].map(path => `empty=${path}`),
    ...(options.keepsNetwork ? ['network'] : [])
  ]
  return ['-I', '-S', '-c', await text, ...settings, '--', ...args]
}
