import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { forCli, temporaryFolder } from './flowstore.js'
import { shuffled } from './seeded.js'

/** A run of the CLI, and what is left of it. */
export interface WatchedRun {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Both outputs. */
  readonly output: string
  readonly seconds: number
  /** Whether it had to be killed, since it did not end. */
  readonly hung: boolean
  /** Names in its folder of temporary files. */
  readonly folders: readonly string[]
}

/** A run that goes on. */
export interface StartedRun {
  readonly ended: Promise<WatchedRun>
  readonly kill: (signal: NodeJS.Signals) => void
  /** The output so far. */
  readonly output: () => string
  readonly pid: number
  readonly temporary: string
}

/**
 * Starts the CLI of the bundle with a folder of its own for temporary files.
 *
 * @param longest milliseconds after which it is killed
 */
export function startRun(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  longest: number,
  temporary = temporaryFolder()
): StartedRun {
  const from = Date.now()
  const child = spawn(process.execPath, [resolve('dist/flowstore.js'), ...args], {
    cwd,
    env: { ...forCli(), ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, longest)
  const ended = new Promise<WatchedRun>(done => {
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const seconds = (Date.now() - from) / 1000
      const folders = readdirSync(temporary).filter(name => name.startsWith('flowstore-'))
      done({ code, signal, output, seconds, hung, folders })
    })
  })
  return {
    ended,
    kill: signal => child.kill(signal),
    output: () => output,
    pid: child.pid ?? 0,
    temporary
  }
}

/** A container as the daemon lists it. */
export interface ListedContainer {
  readonly Id: string
  readonly Names: readonly string[]
  readonly State: string
  readonly Image: string
  readonly Labels: Readonly<Record<string, string>>
}

/** Asks a daemon at a `unix://` address. */
export async function askDaemon<T>(host: string, method: string, path: string): Promise<T> {
  const socketPath = host.replace(/^unix:\/\//, '')
  return new Promise((done, fail) => {
    request({ socketPath, method, path }, answer => {
      text(answer).then(body => {
        done((body === '' ? undefined : JSON.parse(body)) as T)
      }, fail)
    })
      .on('error', fail)
      .end()
  })
}

/** The containers of flowstore. */
export function containersOf(host: string): Promise<ListedContainer[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['io.flowstore.lease'] }))
  return askDaemon<ListedContainer[]>(host, 'GET', `/containers/json?all=1&filters=${filters}`)
}

/** Removes containers. */
export async function removeContainers(
  host: string,
  containers: readonly Pick<ListedContainer, 'Id'>[]
): Promise<void> {
  for (const { Id: id } of containers) {
    await askDaemon(host, 'DELETE', `/containers/${id}?force=true&v=true`)
  }
}

/** Waits until something holds, or for so many milliseconds. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  longest: number
): Promise<boolean> {
  const end = Date.now() + longest
  for (;;) {
    if (await holds()) return true
    if (Date.now() > end) return false
    await new Promise(done => setTimeout(done, 50))
  }
}

/** Some of a list, in its order. */
export const sample = <T>(list: readonly T[], count: number, random: () => number): T[] => {
  const chosen = new Set(shuffled([...list.keys()], random).slice(0, count))
  return list.filter((_item, index) => chosen.has(index))
}
