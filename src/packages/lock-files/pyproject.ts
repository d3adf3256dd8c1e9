import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { outermostFolder } from '../../sources/outermost-folder.js'
import { isAbsent } from '../../util/files.js'
import { pathFrom } from '../../util/relative-path.js'
import * as z from '../../util/schema.js'
import type { Machine } from '../machine/tools.js'
import { isRequirement, normalizedName, parseRequirement } from '../requirement.js'
import { unreadable } from '../unreadable.js'
import {
  folderOf,
  invalidProject,
  parseToml,
  requiredPython,
  tableOf,
  unknownName,
  type ProjectFile,
  type ProjectLines
} from './format.js'
import * as uvLock from './uv-lock.js'

type Table = ReturnType<typeof tableOf>

const dependencyList = z.array(z.string().regex(/^\s*[A-Za-z0-9][^\r\n]*$/))

/** The error for a project whose dependencies pip can't read; undefined for a project without dependencies. */
function missingDependencies(project: ProjectFile, document: Table): Error | undefined {
  const { dynamic } = tableOf(document['project'])
  if ('dependencies' in tableOf(tableOf(document['tool'])['poetry'])) {
    return invalidProject(
      project,
      'has its dependencies in tool.poetry, which pip does not read',
      'Set requirements-file to poetry.lock, which `poetry lock` writes.'
    )
  }
  if (Array.isArray(dynamic) && dynamic.includes('dependencies')) {
    return invalidProject(
      project,
      'declares its dependencies as dynamic',
      'Set requirements-file to the file that they come from, or install the project itself: `.` in python-dependencies.'
    )
  }
  if (!('project' in document)) return invalidProject(project, 'has no project table')
  return undefined
}

/** Packages that a tool takes from its own sources: normalized name to the lock file of the tool. */
function toolSources(document: Table): ReadonlyMap<string, string> {
  const tool = tableOf(document['tool'])
  const uv = Object.keys(tableOf(tableOf(tool['uv'])['sources']))
  const poetry = Object.entries(tableOf(tableOf(tool['poetry'])['dependencies'])).filter(
    ([, value]) => ['path', 'git', 'url', 'source'].some(key => key in tableOf(value))
  )
  return new Map([
    ...uv.map(name => [normalizedName(name), 'uv.lock'] as const),
    ...poetry.map(([name]) => [normalizedName(name), 'poetry.lock'] as const)
  ])
}

/** Refuses packages from a tool's own sources: an index may have another package of that name. */
function refuseToolSources(
  project: ProjectFile,
  document: Table,
  dependencies: readonly string[]
): void {
  const sources = toolSources(document)
  for (const dependency of dependencies.map(parseRequirement)) {
    if (!isRequirement(dependency) || dependency.name === undefined) continue
    const name = normalizedName(dependency.name)
    const lock = sources.get(name)
    if (lock === undefined) continue
    throw invalidProject(
      project,
      `takes '${name}' from a source that only its tool knows`,
      `Set requirements-file to ${lock}.`
    )
  }
}

/** The text of a file; undefined if there is none. */
async function textOf(path: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw unreadable(name, error)
  }
}

/** The `uv.lock` of a project: beside its `pyproject.toml`, or that of the workspace that it is a member of. */
async function uvLockOf(project: ProjectFile): Promise<
  | {
      readonly file: ProjectFile
      readonly lock: uvLock.UvLock
      /** The project's folder, relative to the lock file's. */
      readonly folder: string
    }
  | undefined
> {
  const own = folderOf(project)
  const outermost = await outermostFolder(own)
  for (let folder = own; ; folder = dirname(folder)) {
    const path = join(folder, 'uv.lock')
    const file = pathFrom(project.cwd, path)
    const text = await textOf(path, file)
    if (text !== undefined) {
      const lockFile = { ...project, file, text }
      const lock = uvLock.readUvLock(lockFile)
      const below = pathFrom(folder, own) || '.'
      const isMember = lock.members.some(member => member.folder === below)
      return isMember ? { file: lockFile, lock, folder: below } : undefined
    }
    if (folder === outermost || folder === dirname(folder)) return undefined
  }
}

/**
 * `pyproject.toml`: what the `uv.lock` of its project locks, else its `project.dependencies` (PEP 621), the chosen of
 * its `project.optional-dependencies`, and the chosen of its `dependency-groups` (PEP 735).
 */
export async function requirements(project: ProjectFile, machine: Machine): Promise<ProjectLines> {
  const found = await uvLockOf(project)
  if (found !== undefined) {
    const { file, lock, folder } = found
    machine.log.info(`${project.file} is locked by ${file.file}`)
    const locked = await uvLock.requirements(file, machine, folder, lock)
    return { ...locked, read: [file.file, ...(locked.read ?? [])] }
  }
  const { extras, groups, package: member } = project.choice
  if (member !== undefined) {
    throw invalidProject(
      project,
      "is in no uv workspace, which the option 'package' is for",
      'There is no uv.lock that has it, neither beside it nor in a folder above it: run `uv lock` and commit uv.lock.'
    )
  }
  const document = parseToml(project.text, project.file)
  const lines = [
    ...ownDependencies(project, document),
    ...extraDependencies(project, document, extras),
    ...groupDependencies(project, document, groups)
  ]
  refuseToolSources(project, document, lines)
  const { 'requires-python': python } = tableOf(document['project'])
  return {
    lines: [...new Set(lines.map(line => line.trim()))],
    locked: false,
    python: requiredPython(project, python, 'requires-python')
  }
}

/**
 * A list of requirements, checked.
 *
 * @param before the number of items before it in the list that the user wrote
 */
function requirementList(
  project: ProjectFile,
  value: unknown,
  where: string,
  before = 0
): string[] {
  const parsed = dependencyList.safeParse(value)
  if (parsed.success) return parsed.data
  const { field, what } = z.firstFault(parsed.error, value)
  const which = field === '' ? 'it' : `item ${before + Number(field) + 1}`
  throw invalidProject(
    project,
    `has ${where} that are not a list of requirements: ${which} ${what}`
  )
}

function ownDependencies(project: ProjectFile, document: Table): string[] {
  const { dependencies } = tableOf(document['project'])
  if (dependencies !== undefined) {
    return requirementList(project, dependencies, 'project.dependencies')
  }
  const error = missingDependencies(project, document)
  if (error !== undefined) throw error
  return []
}

/** What extras need; one may name others as extras of the project itself. */
function extraDependencies(
  project: ProjectFile,
  document: Table,
  names: readonly string[]
): string[] {
  const table = tableOf(document['project'])
  const own = typeof table['name'] === 'string' ? normalizedName(table['name']) : ''
  const known = byNormalizedName(tableOf(table['optional-dependencies']))
  const seen = new Set<string>()
  const needed = (name: string): string[] => {
    const key = normalizedName(name)
    if (seen.has(key)) return []
    seen.add(key)
    if (!known.has(key)) throw unknownName(project, 'extras', name, [...known.keys()])
    const where = `project.optional-dependencies.${name}`
    return requirementList(project, known.get(key), where).flatMap(line => {
      const parsed = parseRequirement(line)
      return parsed.kind === 'named' && normalizedName(parsed.name) === own
        ? parsed.extras.flatMap(needed)
        : [line]
    })
  }
  return names.flatMap(needed)
}

/** The entries of a table, by their normalized names. */
const byNormalizedName = (table: Table): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(table).map(([name, value]) => [normalizedName(name), value]))

/** What dependency groups need; one may include others. */
function groupDependencies(
  project: ProjectFile,
  document: Table,
  names: readonly string[]
): string[] {
  const known = byNormalizedName(tableOf(document['dependency-groups']))
  const seen = new Set<string>()
  const needed = (name: string): string[] => {
    const key = normalizedName(name)
    if (seen.has(key)) return []
    seen.add(key)
    if (!known.has(key)) throw unknownName(project, 'groups', name, [...known.keys()])
    const entries = known.get(key)
    return (Array.isArray(entries) ? entries : [entries]).flatMap((entry: unknown, index) => {
      const included = tableOf(entry)['include-group']
      return typeof included === 'string'
        ? needed(included)
        : requirementList(project, [entry], `dependency-groups.${name}`, index)
    })
  }
  return names.flatMap(needed)
}

/** What a project is called and needs, as its `pyproject.toml` lists it. */
export interface StaticMetadata {
  readonly name: string
  readonly dependencies: readonly string[]
  /** Its extras: normalized name to what each needs. */
  readonly extras: ReadonlyMap<string, readonly string[]>
}

const projectTable = z.object({
  name: z.string(),
  dynamic: z.array(z.string()).default([]),
  dependencies: dependencyList.default([]),
  'optional-dependencies': z.record(z.string(), dependencyList).default({})
})

/**
 * The metadata of a project as its `pyproject.toml` lists it; the build backend has to follow it (PEP 621).
 *
 * @returns undefined if only the backend knows the dependencies, or a tool takes some of them from its own sources
 * @throws FlowstoreError INVALID_OPTION for a text that is not TOML
 */
export function staticMetadata(
  project: Pick<ProjectFile, 'text' | 'file'>
): StaticMetadata | undefined {
  const document = parseToml(project.text, project.file)
  const parsed = projectTable.safeParse(document['project'])
  if (!parsed.success || toolSources(document).size > 0) return undefined
  const { name, dynamic, dependencies, 'optional-dependencies': optional } = parsed.data
  if (dynamic.some(field => field === 'dependencies' || field === 'optional-dependencies')) {
    return undefined
  }
  return {
    name,
    dependencies,
    extras: new Map(
      Object.entries(optional).map(([extra, lines]) => [normalizedName(extra), lines])
    )
  }
}
