import { pathFrom } from '../../util/relative-path.js'
import type { RequirementLine } from '../requirement.js'
import { UV, type Machine } from '../machine/tools.js'
import { exportedLines } from './export.js'
import { folderOf, indexLines, localPath, parseToml, tableOf, type ProjectFile } from './format.js'

const ARGUMENTS = [
  'export',
  '--frozen',
  '--no-dev',
  '--no-emit-project',
  '--no-header',
  '--no-annotate',
  '--format',
  'requirements-txt',
  '--quiet'
]

const HINT =
  'Run `uv lock` and commit uv.lock and pyproject.toml. If only your uv can read it, export it in an earlier step (`uv export --no-dev --output-file requirements.txt`), and set requirements-file to that.'

/** The source of each package in a lock file. */
function sourcesOf({ text, file }: ProjectFile): ReturnType<typeof tableOf>[] {
  const packages = parseToml(text, file)['package']
  return (Array.isArray(packages) ? packages : []).map(entry => tableOf(tableOf(entry)['source']))
}

/**
 * The folder of the project to export: the working directory if it is a member of the lock file's workspace, else the
 * folder of the lock file.
 */
function exportFolder(project: ProjectFile): string {
  const folder = folderOf(project)
  const member = pathFrom(folder, project.cwd)
  const isMember = sourcesOf(project).some(
    source => source['virtual'] === member || source['editable'] === member
  )
  return isMember ? project.cwd : folder
}

/** The addresses of the indexes in a lock file, which the export leaves out. */
function indexesOf(project: ProjectFile): string[] {
  const urls = sourcesOf(project)
    .map(source => source['registry'])
    .filter(url => typeof url === 'string')
    .filter(url => /^https?:/.test(url))
  return [...new Set(urls)]
}

/** A line whose path, if any, is relative to the working directory. */
function fromWorkingDirectory(line: RequirementLine, project: ProjectFile): string {
  if (line.kind !== 'path' || !line.path.startsWith('.')) return line.line
  return line.line.replace(line.path, () => localPath(line.path, project))
}

/** `uv.lock`: uv exports it. */
export async function requirements(project: ProjectFile, machine: Machine): Promise<string[]> {
  const lines = await exportedLines(
    {
      tool: UV,
      probe: ['--version'],
      args: ARGUMENTS,
      folder: exportFolder(project),
      hint: HINT
    },
    project,
    machine
  )
  return [
    ...indexLines(indexesOf(project)),
    ...lines.map(line => fromWorkingDirectory(line, project))
  ]
}
