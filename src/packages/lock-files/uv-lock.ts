import { posix } from 'node:path'
import type { FlowstoreError } from '../../errors.js'
import { pathFrom } from '../../util/relative-path.js'
import type { RequiredPython } from '../requirements.js'
import { normalizedName, type RequirementLine } from '../requirement.js'
import { UV, type Machine } from '../machine/tools.js'
import { exportedLines } from './export.js'
import {
  filesIn,
  folderOf,
  indexLines,
  localPath,
  parseToml,
  requiredPython,
  tableOf,
  unknownName,
  type ProjectFile,
  type ProjectLines
} from './format.js'

const ARGUMENTS = [
  'export',
  '--frozen',
  '--no-header',
  '--no-annotate',
  '--format',
  'requirements-txt',
  '--quiet'
]

const HINT =
  'Run `uv lock` and commit uv.lock and pyproject.toml. If only your uv can read it, export it in an earlier step (`uv export --no-dev --output-file requirements.txt`), and set requirements-file to that.'

type Table = ReturnType<typeof tableOf>

/** A lock file, read. */
export interface UvLock {
  readonly packages: readonly LockedPackage[]
  /** See `requiredPython`. */
  readonly python: RequiredPython | undefined
  /** The projects of its workspace; a project alone is the only one. */
  readonly members: readonly LockedPackage[]
}

/** A package in a lock file. */
interface LockedPackage {
  readonly name: string
  readonly source: Table
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  /** The folder of a project of the repository, relative to the lock file's, `.` for that one. */
  readonly folder: string | undefined
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : []).filter(each => typeof each === 'string')

const unique = (names: readonly string[]): string[] => [...new Set(names)]

function packageOf(table: Table): LockedPackage {
  const metadata = tableOf(table['metadata'])
  const source = tableOf(table['source'])
  const folder = source['editable'] ?? source['virtual'] ?? source['directory']
  return {
    name: typeof table['name'] === 'string' ? table['name'] : '',
    source,
    extras: unique([
      ...textsOf(metadata['provides-extras']),
      ...Object.keys(tableOf(table['optional-dependencies']))
    ]),
    groups: unique([
      ...Object.keys(tableOf(metadata['requires-dev'])),
      ...Object.keys(tableOf(table['dev-dependencies']))
    ]),
    folder: typeof folder === 'string' ? posix.normalize(folder) : undefined
  }
}

/**
 * Reads a `uv.lock`.
 *
 * @throws FlowstoreError INVALID_OPTION for a text that is not TOML
 */
export function readUvLock(project: Pick<ProjectFile, 'text' | 'file'>): UvLock {
  const { text, file } = project
  const document = parseToml(text, file)
  const entries = document['package']
  const packages = (Array.isArray(entries) ? entries : []).map(entry => packageOf(tableOf(entry)))
  const names = textsOf(tableOf(document['manifest'])['members'])
  const members = packages.filter(({ name, folder }) => folder === '.' || names.includes(name))
  const python = requiredPython(project, document['requires-python'], 'requires-python')
  return { packages, members, python }
}

/**
 * The member of the workspace to install: the chosen one, else that of a folder, else the project beside the lock
 * file. Undefined for a workspace whose root is no project: then uv installs all members.
 *
 * @param folder relative to the lock file's
 * @throws FlowstoreError INVALID_OPTION if the chosen one is no member
 */
function memberOf(
  project: ProjectFile,
  { members }: UvLock,
  folder: string
): LockedPackage | undefined {
  const { package: chosen } = project.choice
  if (chosen === undefined) {
    return (
      members.find(member => member.folder === folder) ?? members.find(each => each.folder === '.')
    )
  }
  const found = members.find(({ name }) => normalizedName(name) === normalizedName(chosen))
  if (found !== undefined) return found
  throw unknownName(
    project,
    'package',
    chosen,
    members.map(({ name }) => name)
  )
}

/** The working directory, relative to the lock file's folder. */
const hereOf = (project: ProjectFile): string => pathFrom(folderOf(project), project.cwd) || '.'

/** Arguments of the export that lists what `uv sync --frozen --no-dev` installs. */
function argumentsFor(member: LockedPackage | undefined, project: ProjectFile): string[] {
  const { extras, groups } = project.choice
  const here = hereOf(project)
  // The modules of the project at hand are sources: it is not installed. Those of another member are a package.
  const isAtHand = member === undefined || member.folder === '.' || member.folder === here
  return [
    ...ARGUMENTS,
    ...(groups.includes('dev') ? [] : ['--no-dev']),
    ...(isAtHand ? ['--no-emit-project'] : []),
    ...(member === undefined || member.folder === '.' ? [] : ['--package', member.name]),
    ...extras.flatMap(extra => ['--extra', extra]),
    ...groups.flatMap(group => ['--group', group])
  ]
}

/** The error for an extra or a group that the member does not have. */
function refusal(
  output: string,
  member: LockedPackage | undefined,
  project: ProjectFile
): FlowstoreError | undefined {
  const [, what, name = ''] = /(Extra|Group) `([^`]+)` is not defined/.exec(output) ?? []
  if (what === undefined) return undefined
  return what === 'Extra'
    ? unknownName(project, 'extras', name, member?.extras ?? [])
    : unknownName(project, 'groups', name, member?.groups ?? [])
}

/** The addresses of the indexes in a lock file, which the export leaves out. */
function indexesOf({ packages }: UvLock): string[] {
  const urls = packages
    .map(({ source }) => source['registry'])
    .filter(url => typeof url === 'string')
    .filter(url => /^https?:/.test(url))
  return unique(urls)
}

/** A line whose path, if any, is relative to the working directory. */
function fromWorkingDirectory(line: RequirementLine, project: ProjectFile): string {
  if (line.kind !== 'path' || !line.path.startsWith('.')) return line.line
  return line.line.replace(line.path, () => localPath(line.path, project))
}

/**
 * `uv.lock`: uv exports it.
 *
 * @param folder of the project to install, relative to the lock file's; default the working directory
 */
export async function requirements(
  project: ProjectFile,
  machine: Machine,
  folder: string = hereOf(project),
  lock: UvLock = readUvLock(project)
): Promise<ProjectLines> {
  const member = memberOf(project, lock, folder)
  const lines = await exportedLines(
    {
      tool: UV,
      probe: ['--version'],
      args: argumentsFor(member, project),
      folder: folderOf(project),
      hint: HINT,
      refusal: output => refusal(output, member, project)
    },
    project,
    machine
  )
  return {
    lines: [
      ...indexLines(indexesOf(lock)),
      ...lines.map(line => fromWorkingDirectory(line, project))
    ],
    locked: true,
    python: lock.python,
    // uv reads the settings of each member.
    read: await filesIn(project, unique(['.', ...lock.members.map(each => each.folder ?? '.')]), [
      'pyproject.toml',
      'uv.toml'
    ])
  }
}
