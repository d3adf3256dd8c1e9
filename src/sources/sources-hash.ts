import { join } from 'node:path'
import { mapFiles } from '../util/files.js'
import { sha256File, sha256Json } from '../util/hash.js'
import { rootBelowTop, type Sources } from './sources.js'

const hashes = new WeakMap<Sources, Promise<string>>()

/**
 * Identifies the sources by everything that a load can see: paths, contents, links and the executable bit.
 * The files are read once per value.
 *
 * @returns SHA-256 in hex
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, FILE_UNREADABLE
 */
export function sourcesHash(sources: Sources): Promise<string> {
  let hash = hashes.get(sources)
  if (hash === undefined) {
    hash = hashOf(sources)
    hashes.set(sources, hash)
  }
  return hash
}

async function hashOf(sources: Sources): Promise<string> {
  const { root, files } = sources
  const entries = await mapFiles(files, async ({ path, executable, link }) => [
    path,
    executable,
    link ?? (await sha256File(join(root, path))),
    link === undefined
  ])
  // Modules see the names of the folders above them.
  const below = rootBelowTop(sources)
  return sha256Json(below === '' ? entries : [below, entries])
}
