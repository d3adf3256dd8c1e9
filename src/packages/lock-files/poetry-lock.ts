import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { stringify } from 'smol-toml'
import { FlowstoreError } from '../../errors.js'
import { temporaryFolder } from '../../util/temporary.js'
import { isAbsent } from '../../util/files.js'
import { unreadable } from '../unreadable.js'
import type { RequirementLine } from '../requirement.js'
import type { Machine, Tool } from '../machine/tools.js'
import { exportedLines } from './export.js'
import { lockedLines } from './poetry-packages.js'
import {
  folderOf,
  localPath,
  parseToml,
  requiredPython,
  tableOf,
  unknownName,
  type ProjectChoice,
  type ProjectFile,
  type ProjectLines
} from './format.js'

const POETRY: Tool = {
  name: 'poetry',
  requirements: ['poetry==2.1.4', 'poetry-plugin-export==1.9.0'],
  // With the pip of Python 3.9 the resolution takes a quarter of an hour.
  pythons: ['3.10', '3.11', '3.12', '3.13', '3.14']
}

const argumentsFor = ({ extras, groups }: ProjectChoice): string[] => [
  'export',
  '--format',
  'requirements.txt',
  '--only',
  ['main', ...groups].join(','),
  ...extras.flatMap(extra => ['--extras', extra]),
  '--no-interaction'
]

const extrasOf = ({ text, file }: ProjectFile): string[] =>
  Object.keys(tableOf(parseToml(text, file)['extras']))

/** The groups in a lock file, from format 2.1 on. */
function groupsOf({ text, file }: ProjectFile): string[] {
  const packages = parseToml(text, file)['package']
  const groups = (Array.isArray(packages) ? packages : []).flatMap(each => tableOf(each)['groups'])
  return [...new Set(groups.filter(group => typeof group === 'string'))].filter(
    group => group !== 'main'
  )
}

/** The error for an extra or a group that the project does not have. */
function refusal(output: string, project: ProjectFile): FlowstoreError | undefined {
  const extra = /Extra \[([^\],]+)[^\]]*\] is not specified/.exec(output)?.[1]
  if (extra !== undefined) return unknownName(project, 'extras', extra, extrasOf(project))
  const group = /Group\(s\) not found: (\S+)/.exec(output)?.[1]
  return group === undefined ? undefined : unknownName(project, 'groups', group, groupsOf(project))
}

/** The Pythons that a lock file is for. */
const pythonOf = (project: ProjectFile) =>
  requiredPython(
    project,
    tableOf(parseToml(project.text, project.file)['metadata'])['python-versions'],
    'python-versions'
  )

const HINT =
  'Run `poetry lock` and commit poetry.lock and pyproject.toml. If only your poetry can read it, export it in an earlier step (`poetry export --output requirements.txt`), and set requirements-file to that.'

/** The path of the `pyproject.toml` beside a lock file. */
const besideOf = ({ file }: ProjectFile): string =>
  posix.join(posix.dirname(file), 'pyproject.toml')

/** The `pyproject.toml` beside a lock file, without its required plugins. */
async function projectText(project: ProjectFile): Promise<string> {
  const file = besideOf(project)
  let text: string
  try {
    text = await readFile(join(folderOf(project), 'pyproject.toml'), 'utf8')
  } catch (error) {
    if (!isAbsent(error)) throw unreadable(file, error)
    throw new FlowstoreError(
      'FILE_NOT_FOUND',
      `'${project.file}' has no pyproject.toml beside it`,
      {
        hint: 'poetry needs the pyproject.toml of the project to export its lock file.',
        cause: error
      }
    )
  }
  const document = parseToml(text, file)
  // poetry would install them, and so run their code on this machine.
  delete tableOf(tableOf(document['tool'])['poetry'])['requires-plugins']
  return stringify(document)
}

/**
 * A line whose path, if any, is relative to the working directory.
 *
 * @param top the temporary folder that stands for the folders above the project
 * @param copy the folder below it that stands for the project
 */
function fromWorkingDirectory(
  line: RequirementLine,
  project: ProjectFile,
  top: string,
  copy: string
): string {
  if (line.kind !== 'path' || !line.path.startsWith(pathToFileURL(top).href)) return line.line
  const path = localPath(relative(copy, fileURLToPath(line.path)), project)
  const extras = line.extras.length === 0 ? '' : `[${line.extras.join(',')}]`
  return [
    `${line.editable ? '-e ' : ''}${path}${extras}`,
    ...(line.marker === '' ? [] : [`; ${line.marker}`]),
    ...line.hashes.map(hash => `--hash=${hash}`)
  ].join(' ')
}

/** `poetry.lock`: poetry exports it, from a copy beside a copy of its `pyproject.toml`. */
export async function requirements(project: ProjectFile, machine: Machine): Promise<ProjectLines> {
  const text = await projectText(project)
  const read = [besideOf(project)]
  const python = pythonOf(project)
  const temporary = await temporaryFolder()
  try {
    const top = await realpath(temporary.path)
    // Deep, so that a path such as ../../libs stays below the temporary folder.
    const copy = join(top, ...Array<string>(8).fill('-'))
    await mkdir(copy, { recursive: true })
    await writeFile(join(copy, 'pyproject.toml'), text)
    await writeFile(join(copy, 'poetry.lock'), project.text)
    const lines = await exportedLines(
      {
        tool: POETRY,
        probe: ['export', '--help'],
        args: argumentsFor(project.choice),
        folder: copy,
        hint: HINT,
        refusal: output => refusal(output, project)
      },
      project,
      machine
    )
    return {
      lines: lines.map(line => fromWorkingDirectory(line, project, top, copy)),
      locked: true,
      python,
      read
    }
  } catch (error) {
    return { lines: withoutPoetry(error, project, machine), locked: true, python, read }
  } finally {
    await temporary.remove()
  }
}

/** poetry does not read the form of this lock file: it is too old, or newer than the poetry that is used. */
const isRefusedFormat = ({ detail = '' }: FlowstoreError): boolean =>
  detail.includes('lock file is not compatible')

/**
 * The lines of a lock file that poetry can't export: there is none, or it does not read this form. Any other refusal,
 * such as of a lock file that does not fit its `pyproject.toml`, is final.
 *
 * @throws the error, if the lock file alone does not tell what to install
 */
function withoutPoetry(error: unknown, project: ProjectFile, { log }: Machine): string[] {
  if (!(error instanceof FlowstoreError)) throw error
  const isExport = error.message.endsWith("can't be exported")
  if (isExport && !isRefusedFormat(error)) throw error
  const { extras, groups } = project.choice
  // Which packages of a lock file are for an extra follows from their dependencies, which poetry knows.
  const lines = extras.length + groups.length > 0 ? undefined : lockedLines(project)
  if (lines === undefined) throw error
  log.notice({
    level: 'warning',
    message: `poetry can't export ${project.file} (${error.message}): its packages are taken as they are locked, without a check that they fit pyproject.toml`,
    file: project.file
  })
  return lines
}
