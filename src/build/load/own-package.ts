import { realpath } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { withHint, type FlowstoreError } from '../../errors.js'
import { isProject, projectFolder } from '../../packages/local-projects.js'
import { normalizedName } from '../../packages/requirement.js'
import { allLines, type Requirements } from '../../packages/requirements.js'
import { repositoryFolders } from '../../sources/module-folders.js'
import type { Sources } from '../../sources/sources.js'
import { readWhole } from '../../util/file-parts.js'
import { pathFrom } from '../../util/relative-path.js'

/** What an import lacks: a module, or the metadata of an installed package. */
const MISSING = {
  module: /^ModuleNotFoundError: No module named '([^'.]+)/,
  package:
    /^(?:PackageNotFoundError: (?:No package metadata was found for )?|DistributionNotFound: The )'?([A-Za-z0-9][\w.-]*)/
}

const SETTINGS = /(?:^|\/)(?:pyproject\.toml|setup\.cfg|setup\.py)$/
const NAME = /(?:^|[\s(,])name\s*=\s*["']?([A-Za-z0-9][\w.-]*)/gm

/**
 * The problems of a load. Where an import failed because a package of the repository itself is not installed, the hint
 * names what installs it, or what puts it on the path.
 */
export function withOwnPackages(
  problems: readonly FlowstoreError[],
  sources: Sources,
  requirements: Requirements
): Promise<readonly FlowstoreError[]> {
  const installed = allLines(requirements).filter(isProject).map(projectFolder)
  return Promise.all(
    problems.map(async problem => {
      if (problem.code !== 'MODULE_IMPORT') return problem
      const hint = await hintFor(problem.message, sources, installed)
      return hint === undefined ? problem : withHint(problem, hint)
    })
  )
}

async function hintFor(
  message: string,
  sources: Sources,
  installed: readonly (string | undefined)[]
): Promise<string | undefined> {
  const paths = sources.files.map(({ path }) => path)
  const isInstalled = (folder: string) => installed.includes(folder)
  const name = MISSING.package.exec(message)?.[1]
  if (name !== undefined) {
    const folder = await projectNamed(name, paths, sources.root)
    return folder === undefined || isInstalled(folder)
      ? undefined
      : `\`${name}\` is a package of this repository, and it is not installed: add \`${requirementOf(folder)}\` to python-dependencies.`
  }
  const module = MISSING.module.exec(message)?.[1]
  if (module === undefined) return undefined
  const found = projectOf(module, paths)
  return found === undefined || isInstalled(found.project)
    ? undefined
    : `\`${module}\` is in ${found.folder}/ of this repository, where Python does not look: set \`python-path: ${found.folder}\`, or install the package: add \`${requirementOf(found.project)}\` to python-dependencies.`
}

const requirementOf = (folder: string): string =>
  folder === '.' || folder.startsWith('..') ? folder : `./${folder}`

/** The folder of the project that calls itself so: of the sources, else of the rest of the git repository. */
async function projectNamed(
  name: string,
  paths: readonly string[],
  root: string
): Promise<string | undefined> {
  for (const path of paths.filter(each => SETTINGS.test(each))) {
    if (await isNamed(join(root, path), name)) return posix.dirname(path)
  }
  for await (const { path, entries } of repositoryFolders(root)) {
    for (const entry of entries) {
      const isSettings = entry.isFile() && SETTINGS.test(entry.name)
      if (isSettings && (await isNamed(join(path, entry.name), name)))
        return pathFrom(await realpath(root), path) || '.'
    }
  }
  return undefined
}

/** Whether a file of a project's settings has the name of a package. */
async function isNamed(file: string, name: string): Promise<boolean> {
  const text = (await readWhole(file)).toString()
  const names = [...text.matchAll(NAME)].map(([, found = '']) => normalizedName(found))
  return names.includes(normalizedName(name))
}

/** The folder with a module, and the project that it is part of: the folder itself, or the one above `src`. */
function projectOf(
  module: string,
  paths: readonly string[]
): { readonly folder: string; readonly project: string } | undefined {
  const projects = new Set(
    paths.filter(path => SETTINGS.test(path)).map(path => posix.dirname(path))
  )
  for (const path of paths.filter(each => each.endsWith('.py'))) {
    const parts = path.split('/')
    for (const [index, part] of parts.entries()) {
      if (index === 0 || (part !== module && part !== `${module}.py`)) continue
      const folder = parts.slice(0, index).join('/')
      const project = parts[index - 1] === 'src' ? posix.dirname(folder) : folder
      if (projects.has(project)) return { folder, project }
    }
  }
  return undefined
}
