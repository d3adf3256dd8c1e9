import * as z from '../../util/schema.js'
import { isRequirement, normalizedName, parseRequirement } from '../requirement.js'
import { invalidProject, parseToml, tableOf, type ProjectFile } from './format.js'

type Table = ReturnType<typeof tableOf>

const dependencyList = z.array(z.string().regex(/^\s*[A-Za-z0-9][^\r\n]*$/))

/** The error for a project whose dependencies pip can't read; undefined for a project without dependencies. */
function missingDependencies(project: ProjectFile, document: Table): Error | undefined {
  const { dynamic } = tableOf(document['project'])
  if ('dependencies' in tableOf(tableOf(document['tool'])['poetry'])) {
    return invalidProject(
      project,
      'has its dependencies in tool.poetry, which pip does not read',
      'Set requirements-file to poetry.lock.'
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

/** `pyproject.toml`: its `project.dependencies` (PEP 621). */
export function requirements(project: ProjectFile): string[] {
  const document = parseToml(project.text, project.file)
  const { dependencies } = tableOf(document['project'])
  if (dependencies === undefined) {
    const error = missingDependencies(project, document)
    if (error !== undefined) throw error
    return []
  }
  const lines = dependencyList.safeParse(dependencies)
  if (!lines.success) {
    const { field, what } = z.firstFault(lines.error, dependencies)
    const which = field === '' ? 'it' : `item ${Number(field) + 1}`
    throw invalidProject(
      project,
      `has project.dependencies that are not a list of requirements: ${which} ${what}`
    )
  }
  refuseToolSources(project, document, lines.data)
  return lines.data.map(line => line.trim())
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
export function staticMetadata(project: ProjectFile): StaticMetadata | undefined {
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
