import { setTimeout as wait } from 'node:timers/promises'
import { startContainer, type Container } from './container.js'
import type { Daemon } from './daemon.js'
import { DaemonError } from './daemon-error.js'
import { removeLeftovers } from './leftover.js'

/** Work that only one run at a time does on a daemon. */
export interface SharedWork<T> {
  /** The container that a run has while it does the work: a letter or digit, then also `_`, `.` and `-`. */
  readonly name: string
  /** An image that the daemon has, with `sh`. */
  readonly image: string
  /** The result, if another run has done the work; undefined if not. */
  readonly find: () => Promise<T | undefined>
  readonly work: () => Promise<T>
  /** Called once if another run does the work now. */
  readonly onWait: () => void
}

/** Milliseconds between two looks at what another run does. */
const PAUSE = 500
/** Looks after which containers of killed runs are removed. */
const LOOKS = 4

/**
 * Does some work, unless another run is doing it: then waits for its result, as long as a build may be silent.
 *
 * The name of a container is the lock. The container reads its input, so it ends with the run that started it, however
 * that ends, and the daemon removes it.
 *
 * @throws DaemonError, and what the work throws
 */
export async function oneAtATime<T>(daemon: Daemon, shared: SharedWork<T>): Promise<T> {
  const { find, work, onWait } = shared
  const { engine } = daemon
  const until = Date.now() + engine.limits.progress
  for (let looks = 1; Date.now() < until; looks += 1) {
    const lock = await take(daemon, shared)
    if (lock !== undefined) {
      try {
        // Another run may have ended just before.
        return (looks > 1 ? await find() : undefined) ?? (await work())
      } finally {
        await lock.remove().catch(() => undefined)
      }
    }
    if (looks === 1) onWait()
    // Not awaited: nothing of it keeps this process alive.
    if (looks % LOOKS === 0) removeLeftovers(engine).catch(() => undefined)
    await wait(PAUSE)
    const found = await find()
    if (found !== undefined) return found
  }
  return work()
}

/** Starts the container; undefined if another run has it. */
async function take(
  daemon: Daemon,
  { name, image }: Pick<SharedWork<unknown>, 'name' | 'image'>
): Promise<Container | undefined> {
  try {
    const lock = await startContainer(daemon.engine, {
      name,
      image,
      command: ['sh', '-c', 'while read -r line; do :; done'],
      network: 'disabled',
      ephemeral: true
    })
    lock.output.resume()
    lock.errors.resume()
    return lock
  } catch (error) {
    // The name is in use.
    if (error instanceof DaemonError && error.status === 409) return undefined
    throw error
  }
}
