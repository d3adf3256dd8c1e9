import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** The folder for what is slow to create and outlives a checkout: images, interpreters, tools. */
export const cache = resolve(
  process.env.FLOWSTORE_TEST_BED ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flowstore-test-bed')
)

/** A folder for sockets, one for each cache. It is short, because a socket's path has at most 107 bytes. */
export const runtime = join('/run', `flowstore-${hash(cache).slice(0, 8)}`)

export function hash(...parts) {
  return createHash('sha256').update(parts.join('\0')).digest('hex')
}
