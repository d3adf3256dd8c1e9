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

/** The addresses of the indexes in a lock file, which the export leaves out. */
function indexesOf({ text, file }: ProjectFile): string[] {
  const packages = parseToml(text, file)['package']
  const urls = (Array.isArray(packages) ? packages : [])
    .map(entry => tableOf(tableOf(entry)['source'])['registry'])
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
    { tool: UV, probe: ['--version'], args: ARGUMENTS, folder: folderOf(project) },
    project,
    machine
  )
  return [
    ...indexLines(indexesOf(project)),
    ...lines.map(line => fromWorkingDirectory(line, project))
  ]
}
