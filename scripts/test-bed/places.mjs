import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** What is slow to make and outlives a checkout: images, interpreters, tools. */
export const cache = resolve(
  process.env.FLOWSTORE_TEST_BED ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flowstore-test-bed')
)

/** A short folder for sockets, whose paths may have 107 bytes; one for each cache. */
export const runtime = join('/run', `flowstore-${hash(cache).slice(0, 8)}`)

export function hash(...parts) {
  return createHash('sha256').update(parts.join('\0')).digest('hex')
}
