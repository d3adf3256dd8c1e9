import { startContainer, type ContainerStart } from '../../docker/container.js'
import type { Daemon } from '../../docker/daemon.js'
import { DaemonError } from '../../docker/daemon-error.js'
import { newToken } from '../../python/protocol/channel.js'

/** One word in any shell, except for one space: old releases of conda quote arguments badly. */
const PROGRAM = 'import sys;print(sys.argv[1],sys.executable)'
const NAMES = ['python', 'python3']

/** Milliseconds to wait. `conda run` takes seconds; an ENTRYPOINT that starts a server never prints a path. */
const PATIENCE = 15_000
/** Maximum characters of output to keep. */
const MOST_OUTPUT = 1 << 16

type Start = Pick<ContainerStart, 'command' | 'throughEntrypoint'>

/**
 * The Python that the ENTRYPOINT of an image gives to the command of a container, as an absolute path. Undefined
 * if it starts none, like `ENTRYPOINT ["prefect"]` or a server.
 *
 * @param patience milliseconds to wait
 */
export const entrypointPython = (
  daemon: Daemon,
  image: string,
  patience = PATIENCE
): Promise<string | undefined> =>
  firstPython(daemon, image, patience, (name, token) => ({
    command: [name, '-c', PROGRAM, token],
    throughEntrypoint: true
  }))

/** The Python that a RUN instruction gets with a SHELL; otherwise like {@link entrypointPython}. */
export const shellPython = (
  daemon: Daemon,
  image: string,
  shell: readonly string[],
  patience = PATIENCE
): Promise<string | undefined> =>
  firstPython(daemon, image, patience, (name, token) => ({
    command: [...shell, `${name} -c '${PROGRAM}' ${token}`]
  }))

async function firstPython(
  daemon: Daemon,
  image: string,
  patience: number,
  startOf: (name: string, token: string) => Start
): Promise<string | undefined> {
  const end = Date.now() + patience
  for (const name of NAMES) {
    const left = end - Date.now()
    if (left <= 0) return undefined
    const token = newToken()
    const path = await printedPath(daemon, { image, ...startOf(name, token) }, token, left)
    if (path !== undefined) return path
  }
  return undefined
}

/** The path on the line with the token; undefined if the container ends without one, or takes too long. */
async function printedPath(
  daemon: Daemon,
  start: ContainerStart,
  token: string,
  patience: number
): Promise<string | undefined> {
  try {
    const container = await startContainer(daemon.engine, {
      ...start,
      ephemeral: true,
      longest: patience / 1000
    })
    let timer: NodeJS.Timeout | undefined
    try {
      container.input.end()
      container.errors.resume()
      let text = ''
      return await new Promise<string | undefined>((resolve, reject) => {
        timer = setTimeout(resolve, patience, undefined)
        container.output.on('data', (chunk: Buffer) => {
          text = (text + chunk.toString('utf8')).slice(-MOST_OUTPUT)
          const path = pathAfter(text, token)
          if (path !== undefined) resolve(path)
        })
        container.ended.then(() => {
          resolve(undefined)
        }, reject)
      })
    } finally {
      clearTimeout(timer)
      await container.remove()
    }
  } catch (error) {
    // An ENTRYPOINT that can't be started gives no Python. A fault of the daemon also fails the probe.
    if (error instanceof DaemonError) return undefined
    throw error
  }
}

/** The path after the token, on a complete line of an output. */
export const pathAfter = (output: string, token: string): string | undefined =>
  new RegExp(`(?:^|\\n)${token} (/[^\\r\\n]*?)\\r?\\n`).exec(output)?.[1]
