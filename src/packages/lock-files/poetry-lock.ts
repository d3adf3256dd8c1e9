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
import { folderOf, localPath, parseToml, tableOf, type ProjectFile } from './format.js'

const POETRY: Tool = {
  name: 'poetry',
  requirements: ['poetry==2.1.4', 'poetry-plugin-export==1.9.0'],
  // With the pip of Python 3.9 the resolution takes a quarter of an hour.
  pythons: ['3.10', '3.11', '3.12', '3.13']
}

const ARGUMENTS = ['export', '--format', 'requirements.txt', '--only', 'main', '--no-interaction']

/** The `pyproject.toml` beside a lock file, without its required plugins. */
async function projectText(project: ProjectFile): Promise<string> {
  const file = posix.join(posix.dirname(project.file), 'pyproject.toml')
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
export async function requirements(project: ProjectFile, machine: Machine): Promise<string[]> {
  const text = await projectText(project)
  const temporary = await temporaryFolder()
  try {
    const top = await realpath(temporary.path)
    // Deep, so that a path such as ../../libs stays below the temporary folder.
    const copy = join(top, ...Array<string>(8).fill('-'))
    await mkdir(copy, { recursive: true })
    await writeFile(join(copy, 'pyproject.toml'), text)
    await writeFile(join(copy, 'poetry.lock'), project.text)
    const lines = await exportedLines(
      { tool: POETRY, probe: ['export', '--help'], args: ARGUMENTS, folder: copy },
      project,
      machine
    )
    return lines.map(line => fromWorkingDirectory(line, project, top, copy))
  } finally {
    await temporary.remove()
  }
}
