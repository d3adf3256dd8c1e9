import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import picomatch from 'picomatch'
import { isGlob } from '../sources/path-matcher.js'
import type { Sources } from '../sources/sources.js'
import { readingFile } from '../util/files.js'

/** The files that tell how a Python package is built. */
const METADATA = /^(pyproject\.toml|setup\.(py|cfg)|MANIFEST\.in)$/

/**
 * The files that the packages of a repository need for their installation, and no load: what their
 * `pyproject.toml`, `setup.py`, `setup.cfg` or `MANIFEST.in` names, such as a readme and a licence.
 *
 * @param candidates paths of files that are not sources
 * @returns those that a package names
 * @throws FlowstoreError FILE_UNREADABLE, FILE_CHANGED
 */
export async function ownPackageFiles(
  { root, files }: Sources,
  candidates: readonly string[]
): Promise<string[]> {
  const found = new Set<string>()
  for (const { path, link } of files) {
    if (link !== undefined || !METADATA.test(posix.basename(path))) continue
    const file = join(root, path)
    const isNamed = namedIn(await readingFile(file, readFile(file, 'utf8')))
    const folder = posix.join(posix.dirname(path), '/')
    for (const candidate of candidates) {
      const isInside = folder === './' || candidate.startsWith(folder)
      const below = folder === './' ? candidate : candidate.slice(folder.length)
      if (isInside && isNamed(below)) found.add(candidate)
    }
  }
  return [...found]
}

/** Whether a text names a path: as a word, as a quoted pattern, or as a folder that poetry includes. */
function namedIn(text: string): (path: string) => boolean {
  const words = new Set(text.split(/[\s"',=:()[\]{}]+/).map(word => word.replace(/^\.\//, '')))
  const quoted = [...text.matchAll(/(["'])([^"'\n]*[A-Za-z][^"'\n]*)\1/g)].map(
    match => match[2] ?? ''
  )
  const patterns = quoted.filter(isGlob).map(pattern => picomatch(pattern))
  const folders = [...text.matchAll(/\binclude\s*=\s*["']([^"'\n]+)["']/g)].map(
    match => `${match[1] ?? ''}/`
  )
  return path =>
    words.has(path) ||
    patterns.some(matches => matches(path)) ||
    folders.some(folder => path.startsWith(folder))
}
