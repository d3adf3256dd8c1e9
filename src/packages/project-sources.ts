import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readingFile } from '../util/files.js'
import type { Sources } from '../sources/sources.js'
import { isProject, projectFolder } from './local-projects.js'
import { allLines, type Requirements } from './requirements.js'

/** The files that say what a project at the root is made of. */
const SETTINGS = ['pyproject.toml', 'setup.cfg', 'setup.py']

/** Lines of them that name no files. */
const OTHER_SETTINGS = /^\s*(?:#.*|(?:name|description|keywords|summary)\s*[=:].*)$/gm

/**
 * The sources that the projects among the requirements are built from: without the flow modules that are in none of
 * them. Such a flow can change without a change of what is installed.
 *
 * A flow module in a project's folder counts as part of the project if it is in no folder there, in a package, below
 * `src/`, or in a folder that the settings of the project name.
 *
 * @param modules the flow modules, relative to the root
 */
export async function projectSources(
  sources: Sources,
  modules: readonly string[],
  requirements: Requirements
): Promise<Sources> {
  const projects = allLines(requirements).filter(isProject)
  if (projects.length === 0) return sources
  const folders = projects.map(projectFolder)
  // A project outside may be anywhere.
  if (folders.includes(undefined)) return sources
  let loose = modules
  for (const folder of new Set(folders)) loose = await looseModules(sources, loose, folder ?? '.')
  if (loose.length === 0) return sources
  const left = new Set(loose)
  const files = sources.files.filter(({ path }) => !left.has(path))
  return { ...sources, files, size: files.reduce((sum, { size }) => sum + size, 0) }
}

/** The modules that are not part of the project in a folder, relative to the root. */
async function looseModules(
  { root, files }: Sources,
  modules: readonly string[],
  folder: string
): Promise<readonly string[]> {
  const start = folder === '.' ? '' : `${folder}/`
  const below = files.map(({ path }) => path).filter(path => path.startsWith(start))
  const paths = new Set(below.map(path => path.slice(start.length)))
  const found = SETTINGS.filter(name => paths.has(name)).map(async name => {
    const file = join(root, folder, name)
    const text = await readingFile(file, readFile(file, 'utf8'))
    return text.replace(OTHER_SETTINGS, '')
  })
  const settings = (await Promise.all(found)).join('\n')
  return modules.filter(path => {
    if (!path.startsWith(start)) return true
    const module = path.slice(start.length)
    const [top = '', ...rest] = module.split('/')
    return (
      rest.length > 0 &&
      top !== 'src' &&
      top !== '..' &&
      !isInPackage(module, paths) &&
      !new RegExp(`(?<![\\w-])${escaped(top)}(?![\\w-])`).test(settings)
    )
  })
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function isInPackage(module: string, paths: ReadonlySet<string>): boolean {
  const parts = module.split('/').slice(0, -1)
  return parts.some((_, index) =>
    paths.has([...parts.slice(0, index + 1), '__init__.py'].join('/'))
  )
}
