import { join } from 'node:path'
import { mapFiles } from '../util/files.js'
import { sha256File, sha256Json } from '../util/hash.js'
import { rootBelowTop, type SourceFile, type Sources } from './sources.js'

/** A source with what a load can see of it: its path, executable bit, hash or target of a link, and whether it is a file. */
export type HashedSource = readonly [
  path: string,
  executable: boolean,
  content: string,
  isFile: boolean
]

const hashed = new WeakMap<Sources, Promise<ReadonlyMap<string, HashedSource>>>()

/**
 * Every source with the hash of its content, by path. The files are read once per value.
 *
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, FILE_UNREADABLE
 */
export function hashedSources(sources: Sources): Promise<ReadonlyMap<string, HashedSource>> {
  let entries = hashed.get(sources)
  if (entries === undefined) {
    entries = hashEach(sources)
    hashed.set(sources, entries)
  }
  return entries
}

/** The hash of each file's content: parts of the same sources are hashed too. */
const contents = new WeakMap<SourceFile, Promise<string>>()

function contentOf(root: string, file: SourceFile): Promise<string> {
  let hash = contents.get(file)
  if (hash === undefined) {
    hash = sha256File(join(root, file.path))
    contents.set(file, hash)
  }
  return hash
}

/**
 * Identifies the sources by everything that a load can see: paths, contents, links and the executable bit.
 * Each file is read once, also if it is in several values.
 *
 * @returns SHA-256 in hex
 * @throws FlowstoreError as {@link hashedSources}
 */
export async function sourcesHash(sources: Sources): Promise<string> {
  const entries = [...(await hashedSources(sources)).values()]
  // Modules see the names of the folders above them.
  const below = rootBelowTop(sources)
  return sha256Json(below === '' ? entries : [below, entries])
}

async function hashEach({ root, files }: Sources): Promise<ReadonlyMap<string, HashedSource>> {
  const entries = await mapFiles(files, async (file): Promise<HashedSource> => [
    file.path,
    file.executable,
    file.link ?? (await contentOf(root, file)),
    file.link === undefined
  ])
  return new Map(entries.map(entry => [entry[0], entry]))
}
