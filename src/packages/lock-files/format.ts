import { dirname, relative, resolve, sep } from 'node:path'
import { parse, type TomlTable } from 'smol-toml'
import { FlowstoreError } from '../../errors.js'
import type { Machine } from '../tools.js'

/** A lock file or a `pyproject.toml` that is used as the requirements file. */
export interface ProjectFile {
  /** Path relative to the working directory, with `/`. */
  readonly file: string
  readonly text: string
  /** The working directory. */
  readonly cwd: string
}

/** What a module for one kind of file has. */
export interface ProjectFormat {
  /**
   * The requirement lines that a file stands for: without groups for development, without the project
   * itself, paths relative to the working directory.
   *
   * @throws FlowstoreError INVALID_OPTION for a file that does not have what its name says,
   * DEPENDENCY_INSTALL with the words of uv or poetry, PYTHON_NOT_FOUND where no Python here runs these
   */
  readonly requirements: (
    project: ProjectFile,
    machine: Machine
  ) => readonly string[] | Promise<readonly string[]>
}

/** The folder of a project, absolute. */
export const folderOf = ({ file, cwd }: ProjectFile): string => resolve(cwd, dirname(file))

/** The error for a file that does not have what its name says. */
export const invalidProject = (
  { file }: Pick<ProjectFile, 'file'>,
  what: string,
  hint?: string
): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', `the requirements file '${file}' ${what}`, { file, hint })

/** A path in a project's file as the working directory has it, such as `./libs/tools`. */
export function localPath(path: string, project: ProjectFile): string {
  const found = relative(project.cwd, resolve(folderOf(project), path)).replaceAll(sep, '/')
  return found.startsWith('../') || found === '..' ? found : `./${found}`
}

/** Whether an address is PyPI's. pip is not told it: that would override a mirror that is configured. */
export const isPypi = (url: string): boolean => /^https:\/\/pypi\.org\/simple\/?$/.test(url)

/** Options of pip for the indexes that a project uses. */
export function indexLines(urls: readonly string[]): string[] {
  const others = urls.filter(url => !isPypi(url))
  return others.map((url, index) =>
    index === 0 && others.length === urls.length ? `--index-url ${url}` : `--extra-index-url ${url}`
  )
}

/** A value as a table of TOML; an empty one where it is something else. */
export const tableOf = (value: unknown): TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {}

/** @throws FlowstoreError INVALID_OPTION for a text that is no TOML */
export function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text)
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    throw invalidProject({ file }, `is not TOML: ${reason}`)
  }
}
