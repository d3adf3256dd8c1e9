import { readFile } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import { isAbsent } from '../util/files.js'
import { staticMetadata, type StaticMetadata } from './lock-files/pyproject.js'
import {
  isArchive,
  isUrl,
  normalizedName,
  parseRequirement,
  type PathRequirement,
  type RequirementLine
} from './requirement.js'
import { allLines, requirementsOf, type Requirements } from './requirements.js'
import { unreadable } from './unreadable.js'

/** Requirements, apart from the projects of the repository among them. */
export interface SplitRequirements {
  /** All other requirements, and what the projects depend on. */
  readonly dependencies: Requirements
  /** The lines of the projects, to be installed afterwards without their dependencies. */
  readonly projects: readonly string[]
}

/** Whether a line names a project of the repository, and not an archive. */
export const isProject = (line: RequirementLine): line is PathRequirement =>
  line.kind === 'path' && !isArchive(line.path)

/** The folder of a project, relative to the working directory; undefined if it is not a relative path. */
export const projectFolder = ({ path }: PathRequirement): string | undefined =>
  isUrl(path) || posix.isAbsolute(path) || path.includes('#')
    ? undefined
    : posix.join(path).replace(/(?<=.)\/$/, '')

/**
 * Splits requirements, so that a change of a project's source does not install its dependencies again. One resolution
 * of the dependencies, and then the projects alone, gives what pip installs in one run: a `pyproject.toml` that lists
 * its dependencies has to be followed by the build backend (PEP 621), and a lock file names them all.
 *
 * @param cwd the folder that paths are relative to
 * @returns undefined without a project, and if the dependencies of one are known only to its build backend
 * @throws FlowstoreError FILE_UNREADABLE, INVALID_OPTION for a `pyproject.toml` that is not TOML
 */
export async function splitProjects(
  cwd: string,
  requirements: Requirements
): Promise<SplitRequirements | undefined> {
  const projects = allLines(requirements).filter(isProject)
  if (projects.length === 0) return undefined
  if (projects.every(line => isLocked(line, requirements))) {
    return {
      dependencies: withoutProjects(requirements, []),
      projects: projects.map(({ line }) => line)
    }
  }
  const known: { line: PathRequirement; metadata: StaticMetadata }[] = []
  for (const line of projects) {
    const metadata = isPlain(line) ? await metadataOf(cwd, line) : undefined
    if (metadata === undefined) return undefined
    known.push({ line, metadata })
  }
  const names = new Set(known.map(({ metadata }) => normalizedName(metadata.name)))
  const lines: string[] = []
  for (const { line, metadata } of known) {
    const needed = neededBy(line, metadata)
    if (needed === undefined) return undefined
    for (const text of needed) {
      const parsed = parseRequirement(text)
      if (parsed.kind !== 'named' && parsed.kind !== 'url') return undefined
      if (!names.has(normalizedName(parsed.name ?? ''))) lines.push(text)
      // An extra of a project would have dependencies of its own.
      else if (parsed.extras.length > 0) return undefined
    }
  }
  return {
    dependencies: withoutProjects(requirements, lines),
    projects: known.map(({ line }) => line.line)
  }
}

/** Whether a lock file names a project and everything that it depends on. */
const isLocked = (line: PathRequirement, { exported }: Requirements): boolean =>
  exported?.locked === true &&
  exported.lines.includes(line.line) &&
  line.options === '' &&
  line.hashes.length === 0 &&
  projectFolder(line) !== undefined

const isPlain = (line: PathRequirement): boolean =>
  line.marker === '' && line.options === '' && line.hashes.length === 0

async function metadataOf(cwd: string, line: PathRequirement): Promise<StaticMetadata | undefined> {
  const folder = projectFolder(line)
  if (folder === undefined) return undefined
  const file = posix.join(folder, 'pyproject.toml')
  try {
    const text = await readFile(resolve(cwd, file), 'utf8')
    return staticMetadata({ file, text })
  } catch (error) {
    if (isAbsent(error)) return undefined
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw unreadable(file, error)
  }
}

/** What a project needs with the extras of its line; undefined for an extra that it does not have. */
function neededBy(
  { extras }: PathRequirement,
  { dependencies, extras: known }: StaticMetadata
): string[] | undefined {
  const needed = [...dependencies]
  for (const extra of extras) {
    const lines = known.get(normalizedName(extra))
    if (lines === undefined) return undefined
    needed.push(...lines)
  }
  return needed
}

/** A text without the lines of projects; the numbers of the others stay. */
function withoutLines(text: string, parsed: readonly RequirementLine[]): string {
  const rows = text.split('\n')
  for (const { raw, number } of parsed.filter(isProject)) {
    rows.fill('', number - 1, number - 1 + raw.split('\n').length)
  }
  return rows.join('\n')
}

const remaining = (lines: readonly string[]): string[] =>
  lines.filter(line => !isProject(parseRequirement(line)))

const withoutProjects = (
  { lines, file, texts, exported, parsedTexts }: Requirements,
  added: readonly string[]
): Requirements =>
  requirementsOf({
    lines: [...remaining(lines), ...added],
    file,
    texts: new Map(
      [...texts].map(([path, text]) => [path, withoutLines(text, parsedTexts.get(path) ?? [])])
    ),
    exported: exported && { ...exported, lines: remaining(exported.lines) }
  })
