import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { minorOf } from '../../util/minor.js'
import type { TarEntry } from '../../util/tar.js'
import { bytecodeOf, sitePackages, type BaseFacts } from './base-facts.js'
import { recordedPaths, withInterpreter, withRecorded } from './scripts.js'
import { filesBelow } from './tree.js'

/** Has the scripts in a tree name the interpreter of the image, and their packages record that. */
export async function adoptScripts(
  root: string,
  { python }: BaseFacts,
  interpreter: string
): Promise<void> {
  const site = sitePackages(python)
  const folder = posix.join(python.prefix, 'bin')
  const changed = new Map<string, Buffer>()
  for (const name of await readdir(join(root, folder)).catch(() => [])) {
    const path = join(root, folder, name)
    const content = withInterpreter(await readFile(path), interpreter, python.executable)
    if (content === undefined) continue
    await writeFile(path, content)
    changed.set(posix.relative(site, posix.join(folder, name)), content)
  }
  if (changed.size > 0) await changeRecords(root, python, text => withRecorded(text, changed))
}

/** Has Python add folders to the end of `sys.path` whenever it starts. */
export async function searchLast(
  root: string,
  { python }: BaseFacts,
  folders: readonly string[]
): Promise<void> {
  if (folders.length === 0) return
  const line = `import sys; sys.path += [${folders.map(pythonText).join(', ')}]\n`
  await writeFile(join(root, sitePackages(python), 'flowstore.pth'), line)
}

/** A text as Python writes it. */
const pythonText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/**
 * Moves headers of packages to where pip puts them: uv takes a prefix for a virtual environment, whose headers are
 * elsewhere (sysconfig, "Installation paths").
 */
export async function adoptHeaders(root: string, { python }: BaseFacts): Promise<void> {
  const name = `python${minorOf(python.version)}`
  const [from, to] = [join('include', 'site', name), join('include', name)]
  const prefix = join(root, python.prefix)
  if (!existsSync(join(prefix, from))) return
  for (const each of await readdir(join(prefix, from))) {
    await mkdir(join(prefix, to), { recursive: true })
    await rename(join(prefix, from, each), join(prefix, to, each))
  }
  await rm(join(prefix, 'include', 'site'), { recursive: true })
  await changeRecords(root, python, text => text.replaceAll(`../../../${from}/`, `../../../${to}/`))
}

/** uv's note of the archive on this machine that a package came from, with the time of the archive. */
const CACHE_NOTE = 'uv_cache.json'

/** Removes uv's notes about this machine. */
export async function removeCacheNotes(root: string, { python }: BaseFacts): Promise<void> {
  const site = join(root, sitePackages(python))
  for (const name of await readdir(site)) {
    if (name.endsWith('.dist-info')) await rm(join(site, name, CACHE_NOTE), { force: true })
  }
  const line = new RegExp(`^[^\\n]*\\.dist-info/${CACHE_NOTE},[^\\n]*\\n`, 'gm')
  await changeRecords(root, python, text => text.replace(line, ''))
}

/** Changes the RECORDs of all packages in a tree. */
async function changeRecords(
  root: string,
  python: BaseFacts['python'],
  change: (text: string) => string
): Promise<void> {
  const site = join(root, sitePackages(python))
  for (const name of await readdir(site)) {
    if (!name.endsWith('.dist-info')) continue
    const path = join(site, name, 'RECORD')
    const text = await readFile(path, 'utf8')
    const changed = change(text)
    if (changed !== text) await writeFile(path, changed)
  }
}

/**
 * The archive of a tree: folders that the base image has keep their owners and modes, all else is root's.
 *
 * @param replaced the `*.dist-info` folders of the base image that the tree replaces
 * @param folders folders that the image has to have, also without files
 * @param placed the user's files, which replace others
 */
export async function layerEntries(
  root: string,
  base: BaseFacts,
  replaced: readonly string[],
  folders: readonly string[],
  placed: readonly TarEntry[] = []
): Promise<TarEntry[]> {
  const files = filesBelow(root)
  const entries = new Map<string, TarEntry>()
  const addFolders = (path: string) => {
    for (const folder of foldersTo(path)) {
      if (!entries.has(folder)) entries.set(folder, folderEntry(folder, base))
    }
  }
  for (const folder of folders) addFolders(folder.slice(1))
  for (const { path, type, size, isExecutable } of files) {
    if (type === 'folder') addFolders(path)
    else if (type === 'link') entries.set(path, { path, link: await readlink(join(root, path)) })
    else {
      const mode = isExecutable ? 0o755 : 0o644
      entries.set(path, { path, source: join(root, path), size, mode })
    }
  }
  for (const entry of placed) {
    addFolders(posix.dirname(entry.path))
    entries.set(entry.path, entry)
    // That of the file that it replaces could seem to be its own.
    if (entry.path.endsWith('.py')) entries.delete(bytecodeOf(entry.path, base.python))
  }
  for (const path of removedPaths(base, replaced, entries)) {
    addFolders(posix.dirname(path))
    entries.set(path, { path, content: '' })
  }
  return [...entries.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** A folder and its parents, from the top. */
const foldersTo = (path: string): string[] => {
  const parts = path.split('/').filter(Boolean)
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
}

function folderEntry(path: string, { folders }: BaseFacts): TarEntry {
  const { mode = 0o755, uid = 0, gid = 0 } = folders[`/${path}`] ?? {}
  return { path, folder: true, mode, uid, gid }
}

/** Whiteouts for what replaced packages had and the new ones have not (OCI image 1.1, "Whiteouts"). */
function removedPaths(
  { python, distributions, siteFiles }: BaseFacts,
  replaced: readonly string[],
  entries: ReadonlyMap<string, TarEntry>
): string[] {
  const site = sitePackages(python)
  const isGone = (folder: string) => replaced.includes(folder)
  const pathsOf = (wanted: (folder: string) => boolean): string[] =>
    Object.entries(distributions)
      .filter(([path]) => posix.basename(path) === 'RECORD' && wanted(posix.dirname(path)))
      .flatMap(([, text]) => recordedPaths(text).map(path => posix.join(site, path).slice(1)))
  const gone = pathsOf(isGone)
  const isRemoved = new Set(gone)
  const kept = [
    ...pathsOf(folder => !isGone(folder)),
    ...siteFiles.map(path => posix.join(site, path).slice(1)).filter(path => !isRemoved.has(path)),
    ...entries.keys()
  ]
  const used = new Set(kept.flatMap(foldersTo))
  const removed = new Set<string>()
  for (const path of gone) {
    if (used.has(path)) continue
    // A folder of packages that nothing else uses goes as a whole, with the bytecode in it.
    const unused = path.startsWith(`${site.slice(1)}/`)
      ? foldersTo(path).find(part => !used.has(part) && part.startsWith(`${site.slice(1)}/`))
      : path
    const name = unused ?? path
    removed.add(posix.join(posix.dirname(name), `.wh.${posix.basename(name)}`))
  }
  return [...removed]
}
