import { lstatSync, readdirSync, utimesSync } from 'node:fs'
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Log } from '../../log.js'
import { PACKAGE_ROOT } from '../../paths.js'
import { runProcess } from '../../util/process.js'
import type { TarEntry } from '../../util/tar.js'
import { sitePackages, type BaseFacts } from './base-facts.js'
import { recordedPaths, withInterpreter, withRecorded } from './scripts.js'

/** A file of a tree. */
interface TreeFile {
  /** Below the root, with `/`. */
  readonly path: string
  readonly type: 'file' | 'folder' | 'link'
  readonly size: number
  readonly isExecutable: boolean
}

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
  if (changed.size === 0) return
  for (const name of await readdir(join(root, site))) {
    if (!name.endsWith('.dist-info')) continue
    const path = join(root, site, name, 'RECORD')
    const text = await readFile(path, 'utf8')
    const recorded = withRecorded(text, changed)
    if (recorded !== text) await writeFile(path, recorded)
  }
}

/** Has Python add folders to the end of `sys.path` whenever it starts. */
export async function searchLast(
  root: string,
  { python }: BaseFacts,
  folders: readonly string[]
): Promise<void> {
  if (folders.length === 0) return
  const line = `import sys; sys.path += ${JSON.stringify(folders)}\n`
  await writeFile(join(root, sitePackages(python), 'flowstore.pth'), line)
}

/**
 * Gives all files of a tree the time that they have in the layer, and compiles its modules: the bytecode is valid
 * as long as time and size stay.
 */
export async function compileModules(root: string, python: string, log: Log): Promise<void> {
  const files = filesBelow(root)
  const modules = files.filter(({ type, path }) => type === 'file' && path.endsWith('.py'))
  for (const { path } of modules) utimesSync(join(root, path), 0, 0)
  log.progress(`compiling ${modules.length} modules`)
  await runCompiler(
    root,
    modules.map(({ path }) => `/${path}`),
    python
  )
}

/** Without bytecode, imports are slower, and otherwise the same: a failure is no error. */
export async function runCompiler(
  root: string,
  paths: readonly string[],
  python: string
): Promise<void> {
  const script = join(PACKAGE_ROOT, 'python', 'compile_packages.py')
  await runProcess(python, ['-I', script, root], { env: {}, input: paths.join('\n') })
}

/**
 * The files of a tree, parents before their files, sorted. It waits for each: a tree has ten thousand files, and promises
 * would take three times as long.
 */
function filesBelow(root: string, folder = ''): TreeFile[] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name): TreeFile[] => {
      const path = posix.join(folder, name)
      const facts = lstatSync(join(root, path))
      const isExecutable = (facts.mode & 0o100) !== 0
      if (facts.isSymbolicLink()) return [{ path, type: 'link', size: 0, isExecutable }]
      if (facts.isDirectory()) {
        return [{ path, type: 'folder', size: 0, isExecutable }, ...filesBelow(root, path)]
      }
      return [{ path, type: 'file', size: facts.size, isExecutable }]
    })
}

/**
 * The archive of a tree: folders that the base image has keep their owners and modes, all else is root's.
 *
 * @param replaced the `*.dist-info` folders of the base image that the tree replaces
 * @param folders folders that the image has to have, also without files
 */
export async function layerEntries(
  root: string,
  base: BaseFacts,
  replaced: readonly string[],
  folders: readonly string[]
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
