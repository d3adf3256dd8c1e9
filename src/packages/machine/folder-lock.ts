import type { Log } from '../../log.js'

/** Milliseconds without an update after which a lock counts as abandoned. */
const STALE = 10_000
/** Milliseconds between two attempts to get a lock that another process holds. */
const RETRY = 500

/**
 * Runs some work while no other process works on the same folder. The lock is a folder beside it.
 *
 * @param folder need not exist
 */
export async function withFolderLock<T>(
  folder: string,
  work: () => Promise<T>,
  log: Log
): Promise<T> {
  // Imported only here: the module replaces functions of node:fs and listens to signals.
  const { default: lockfile } = await import('proper-lockfile')
  const options = {
    realpath: false,
    stale: STALE,
    // Something removed the lock's folder: the running work can't repair that.
    onCompromised: (error: Error) => {
      log.debug(String(error))
    }
  }
  const release = await lockfile.lock(folder, options).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    log.info(`Waiting for another process, which is creating ${folder}`)
    const retries = { forever: true, factor: 1, minTimeout: RETRY }
    return lockfile.lock(folder, { ...options, retries })
  })
  try {
    return await work()
  } finally {
    await release().catch((error: unknown) => {
      // The work is done, and an abandoned lock expires.
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ERELEASED') log.info(`The lock of ${folder} can't be removed: ${message}`)
    })
  }
}
