import type { Log } from '../log.js'

/** Milliseconds without a sign of life after which a lock counts as that of a dead process. */
const STALE = 10_000
/** Milliseconds between two tries to get a lock that another process holds. */
const RETRY = 500

/**
 * Does some work while no other process does any for the same folder. The lock is a folder beside it.
 *
 * @param folder need not be there
 */
export async function withFolderLock<T>(
  folder: string,
  work: () => Promise<T>,
  log: Log
): Promise<T> {
  // Loaded only here: the module replaces functions of node:fs and listens to signals.
  const { default: lockfile } = await import('proper-lockfile')
  const options = {
    realpath: false,
    stale: STALE,
    // Something removed the lock's folder. Work that is half done can't do anything about it.
    onCompromised: (error: Error) => {
      log.debug(String(error))
    }
  }
  const release = await lockfile.lock(folder, options).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
    log.info(`Waiting for another process, which creates ${folder}`)
    const retries = { forever: true, factor: 1, minTimeout: RETRY }
    return lockfile.lock(folder, { ...options, retries })
  })
  try {
    return await work()
  } finally {
    await release().catch((error: unknown) => {
      // The work is done, and a lock that nobody holds expires.
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ERELEASED') log.info(`The lock of ${folder} can't be removed: ${message}`)
    })
  }
}
