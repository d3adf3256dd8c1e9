import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix, relative, resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { silentLog } from '../log.js'
import type { Machine } from './tools.js'
import { isEditable, isIndexOption, logicalLines } from './pip.js'

/** What flows depend on, as the options say it. */
export interface Requirements {
  /** The lines of `python-dependencies`. */
  readonly lines: readonly string[]
  /** The requirements file for pip, relative to the working directory with `/`; undefined for none. */
  readonly file: string | undefined
  /** It and every file that it names with `-r` or `-c`: path relative to the working directory, to text. */
  readonly texts: ReadonlyMap<string, string>
  /** Lines that name a path: the repository's own packages, wheels in it, or folders of these. */
  readonly local: readonly string[]
  /** The lines that a lock file or a `pyproject.toml` stands for, where one is given as the file. */
  readonly exported?: { readonly file: string; readonly lines: readonly string[] } | undefined
}

const NAMED_FILE = /^(?:-r|-c|--requirement|--constraint)[\s=]*(?<name>[^\s#]+)/

/** The files that stand for requirement lines, without being some. */
const isProjectFile = (file: string): boolean =>
  ['pyproject.toml', 'uv.lock', 'poetry.lock', 'Pipfile.lock'].includes(posix.basename(file))

const ARCHIVE = /\.(?:whl|tar\.gz|tar\.bz2|zip)$/
const FIND_LINKS = /^(?:-f|--find-links)[\s=]+/

const isLocal = (line: string): boolean => {
  const found = line.replace(FIND_LINKS, '')
  if (found !== line) return !/^[a-z+]+:\/\//.test(found)
  if (isEditable(line)) return !/^\S+\s+[a-z+]+:\/\//.test(line)
  return (
    /^(\.|\/|file:)/.test(line) ||
    /@\s*file:/.test(line) ||
    /^[^\s@;]+\.(whl|tar\.gz|zip)\s*(;.*|--hash.*)?$/.test(line) ||
    // A folder, as pip has it: no requirement has a slash before its version or address.
    /^[^\s#@;:<>=!~[-][^\s@;:<>=!~[]*\//.test(line)
  )
}

/**
 * Reads what flows depend on, with every file that the requirements file names. A lock file or a
 * `pyproject.toml` becomes plain lines here, before anything else looks at them.
 *
 * @param cwd the folder that paths are relative to
 * @param machine what exports a lock file; default this process's
 * @throws FlowstoreError FILE_NOT_FOUND, naming the file and the line that names it; what
 * {@link plainRequirements} throws
 */
export async function readRequirements(
  cwd: string,
  lines: readonly string[],
  file: string | undefined,
  machine?: Machine
): Promise<Requirements> {
  const texts = new Map<string, string>()
  const local = lines.filter(isLocal)

  const read = async (path: string, from?: { file: string; line: number }): Promise<void> => {
    if (texts.has(path)) return
    let text: string
    try {
      text = await readFile(resolve(cwd, path), 'utf8')
    } catch (error) {
      throw new FlowstoreError('FILE_NOT_FOUND', `the requirements file '${path}' can't be read`, {
        ...from,
        hint: `Looked in ${cwd}.`,
        cause: error
      })
    }
    texts.set(path, text)
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
      const line = raw.trim()
      const name = NAMED_FILE.exec(line)?.groups?.['name']
      if (name !== undefined && !/^[a-z]+:\/\//.test(name)) {
        const named = posix.normalize(posix.join(posix.dirname(path), name.replaceAll('\\', '/')))
        await read(named, { file: path, line: index + 1 })
      } else if (isLocal(line)) local.push(line)
    }
  }

  const first =
    file === undefined ? undefined : relative(cwd, resolve(cwd, file)).replaceAll(sep, '/')
  if (first !== undefined && isProjectFile(first)) {
    const { plainRequirements } = await import('./lock-files.js')
    const plain = await plainRequirements(first, cwd, machine ?? thisMachine())
    local.push(...plain.filter(isLocal))
    return { lines, file: undefined, texts, local, exported: { file: first, lines: plain } }
  }
  if (first !== undefined) await read(first)
  return { lines, file: first, texts, local }
}

const thisMachine = (): Machine => ({
  env: process.env,
  cache: join(tmpdir(), 'flowstore'),
  log: silentLog()
})

/** The options file as messages name it. */
export const requirementsName = ({ file, exported }: Requirements): string | undefined =>
  exported?.file ?? file

/**
 * The archives that requirements name by path, or have in a folder to find them in: relative to the
 * working directory. They count as sources whatever an ignore file says.
 */
export async function localArchives(
  cwd: string,
  { local, texts }: Requirements
): Promise<string[]> {
  const found = new Set<string>()
  const folders = ['.', ...[...texts.keys()].map(path => posix.dirname(path))]
  for (const line of local) {
    const path = line.replace(FIND_LINKS, '').split(/\s/)[0] ?? ''
    for (const folder of folders) {
      const at = posix.normalize(posix.join(folder, path))
      if (path.startsWith('/') || at.startsWith('../')) continue
      const stats = await stat(resolve(cwd, at)).catch(() => undefined)
      if (stats?.isFile()) found.add(at)
      else if (stats?.isDirectory() && FIND_LINKS.test(line)) {
        for (const name of await readdir(resolve(cwd, at))) {
          if (ARCHIVE.test(name)) found.add(posix.join(at, name))
        }
      }
    }
  }
  return [...found].sort()
}

/** Every requirement line, of whatever file. */
export const requirementLines = ({ lines, texts, exported }: Requirements): string[] => [
  ...lines,
  ...(exported?.lines ?? []),
  ...[...texts.values()].flatMap(text => text.split(/\r?\n/))
]

/** Requirements that are exactly some packages, from the same indexes; undefined where one comes from none. */
export function exactRequirements(
  { lines, texts, local, exported }: Requirements,
  packages: Readonly<Record<string, string>>
): Requirements | undefined {
  const all = [...lines, ...(exported?.lines ?? []), ...[...texts.values()].flatMap(logicalLines)]
  if (local.length > 0 || all.some(line => line.includes('://') && !isIndexOption(line))) {
    return undefined
  }
  return {
    lines: [
      ...all.filter(isIndexOption),
      ...Object.entries(packages).map(([name, version]) => `${name}==${version}`)
    ],
    ...{ file: undefined, texts: new Map<string, string>(), local: [] }
  }
}
