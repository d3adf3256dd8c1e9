import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix, resolve } from 'node:path'
import { FlowstoreError, type ErrorDetails } from '../errors.js'
import { silentLog } from '../log.js'
import { requireInside } from '../sources/outermost-folder.js'
import { isAbsent, statIfThere } from '../util/files.js'
import { pathFrom } from '../util/relative-path.js'
import { withoutKnownIndexes } from './indexes.js'
import { unreadable } from './unreadable.js'
import type { ProjectChoice } from './lock-files/format.js'
import { checkChoice, projectFormat } from './lock-files/lock-files.js'
import {
  isArchive,
  isFindLinks,
  isLocal,
  isUrl,
  parseRequirements,
  type RequirementLine
} from './requirement.js'
import { requirementsOf, type Requirements } from './requirements.js'
import type { Machine } from './machine/tools.js'

const thisMachine = (): Machine => ({
  env: process.env,
  cache: join(tmpdir(), 'flowstore'),
  log: silentLog()
})

/**
 * Reads the requirements of flows, with every file that the requirements file names. A lock file or a
 * `pyproject.toml` becomes plain lines here.
 *
 * @param cwd the folder that paths are relative to
 * @param lines those of `python-dependencies`
 * @param file the requirements file, relative to `cwd` or absolute
 * @param choice what of the project in a lock file or `pyproject.toml` is installed; default its own dependencies
 * @param machine runs the export of a lock file; default the variables of this process, and a cache in the
 * folder for temporary files
 * @throws FlowstoreError FILE_NOT_FOUND with the file and the line that names it, FILE_UNREADABLE, INVALID_OPTION for
 * a choice that the file knows nothing of and for a login that only uv or poetry finds, and the errors of a
 * {@link ProjectFormat}
 */
export async function readRequirements(
  cwd: string,
  lines: readonly string[],
  file: string | undefined,
  machine: Machine = thisMachine(),
  choice: ProjectChoice = { extras: [], groups: [] }
): Promise<Requirements> {
  checkChoice(choice, file)
  if (file === undefined) return requirementsOf({ lines, file, texts: new Map() })
  const path = pathFrom(cwd, resolve(cwd, file))
  const format = await projectFormat(path)
  if (format !== undefined) {
    const project = { file: path, text: await requirementsText(cwd, path), cwd, choice }
    const found = await format.requirements(project, machine)
    const exported = {
      ...{ file: path, ...found },
      lines: withoutKnownIndexes(found.lines, machine.env)
    }
    const files = [path, ...(found.read ?? [])]
    const { refuseNamedLogins } = await import('./lock-files/named-logins.js')
    await refuseNamedLogins(cwd, files, exported.lines, machine.env)
    return requirementsOf({ lines, file: undefined, texts: new Map(), exported })
  }
  const { texts, parsedTexts } = await readFiles(cwd, path)
  return requirementsOf({ lines, file: path, texts, exported: undefined }, parsedTexts)
}

/** Reads a requirements file and all files that it names, each once. */
async function readFiles(cwd: string, first: string) {
  const texts = new Map<string, string>()
  const parsedTexts = new Map<string, readonly RequirementLine[]>()
  const read = async (path: string, from: ErrorDetails): Promise<void> => {
    if (texts.has(path)) return
    const text = await requirementsText(cwd, path, from)
    const lines = parseRequirements(text)
    texts.set(path, text)
    parsedTexts.set(path, lines)
    for (const line of lines) {
      if (line.kind !== 'include' || line.isUrl) continue
      const target = line.target.replaceAll('\\', '/')
      const included = posix.normalize(posix.join(posix.dirname(path), target))
      await read(included, { file: path, line: line.number })
    }
  }
  await read(first, {})
  return { texts, parsedTexts }
}

async function requirementsText(
  cwd: string,
  path: string,
  from: ErrorDetails = {}
): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    if (!isAbsent(error)) throw unreadable(path || '.', error)
    throw new FlowstoreError('FILE_NOT_FOUND', `the requirements file '${path}' can't be read`, {
      ...from,
      hint: `Looked in ${cwd}.`,
      cause: error
    })
  }
}

/** The archives at a path: the file itself, or those in a folder of `--find-links`. */
async function archivesAt(cwd: string, path: string, isFolder: boolean): Promise<string[]> {
  try {
    const found = await stat(resolve(cwd, path))
    if (found.isFile()) return [path]
    if (!isFolder || !found.isDirectory()) return []
    const names = await readdir(resolve(cwd, path))
    return names.filter(isArchive).map(name => posix.join(path, name))
  } catch (error) {
    if (isAbsent(error)) return []
    throw unreadable(path, error)
  }
}

const pathOf = (line: RequirementLine): string | undefined => {
  if (!isLocal(line)) return undefined
  const path = line.kind === 'path' ? line.path : isFindLinks(line) ? line.value : undefined
  return path === undefined || isUrl(path) || path.startsWith('/') ? undefined : path
}

/** The paths that requirements name, relative to the working directory. */
export interface LocalPaths {
  /** Archives that are named, or that are in a folder of `--find-links`. */
  readonly archives: readonly string[]
  /** Folders of packages outside the working directory. */
  readonly outside: readonly string[]
}

/**
 * What requirements name by path. It is always a source, even if an ignore file excludes it.
 *
 * @throws FlowstoreError INVALID_OPTION for a path outside the git repository, FILE_UNREADABLE
 */
export async function localPaths(cwd: string, requirements: Requirements): Promise<LocalPaths> {
  const archives = new Set<string>()
  const outside = new Set<string>()
  // pip looks beside the file with the line, and in the working directory.
  const folders = new Set(['.', ...[...requirements.texts.keys()].map(path => posix.dirname(path))])
  for (const { line, file } of writtenIn(requirements)) {
    const path = pathOf(line)
    if (path === undefined) continue
    for (const folder of folders) {
      const candidate = pathFrom(cwd, resolve(cwd, folder, path))
      const found = await archivesAt(cwd, candidate, isFindLinks(line))
      for (const archive of found) archives.add(archive)
      const isProject =
        folder === '.' && line.kind === 'path' && (await isFolder(resolve(cwd, candidate)))
      if (!leadsUp(candidate) || !(isProject || found.length > 0)) continue
      await requireInside(
        cwd,
        resolve(cwd, candidate),
        `the requirement '${line.line}' of ${file}`,
        {
          ...(requirements.texts.has(file) ? { file, line: line.number } : {})
        }
      )
      if (isProject) outside.add(candidate)
    }
  }
  return { archives: [...archives].sort(), outside: [...outside].sort() }
}

/** Each line, with the file or the option that it is written in. */
const writtenIn = ({ parsedLines, parsedTexts, lines, exported }: Requirements) => [
  ...parsedLines.map((line, index) => ({
    line,
    file: index < lines.length ? 'python-dependencies' : (exported?.file ?? 'python-dependencies')
  })),
  ...[...parsedTexts].flatMap(([file, parsed]) => parsed.map(line => ({ line, file })))
]

const isFolder = async (path: string): Promise<boolean> =>
  (await statIfThere(path))?.isDirectory() ?? false

/** Whether a normalized path leads out of the folder that it is relative to. */
const leadsUp = (path: string): boolean => path === '..' || path.startsWith('../')
