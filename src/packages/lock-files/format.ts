import { dirname, resolve } from 'node:path'
import { validRange } from '@renovatebot/pep440'
import { parse, type TomlTable } from 'smol-toml'
import { FlowstoreError } from '../../errors.js'
import { statIfThere } from '../../util/files.js'
import { pathFrom } from '../../util/relative-path.js'
import { nearest } from '../../util/text.js'
import type { RequiredPython } from '../requirements.js'
import type { Machine } from '../machine/tools.js'

/** A lock file or a `pyproject.toml` that is used as the requirements file. */
export interface ProjectFile {
  /** Path relative to the working directory, with `/`. */
  readonly file: string
  readonly text: string
  /** The working directory. */
  readonly cwd: string
  readonly choice: ProjectChoice
}

/** What is installed of a project: its own dependencies, and those of these. */
export interface ProjectChoice {
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  /** The member of a workspace; undefined for the one that the file is for. */
  readonly package?: string | undefined
}

/** The format of a {@link ProjectFile}. */
export interface ProjectFormat {
  /**
   * The requirement lines of a file: without development groups, without the project itself, with paths
   * relative to the working directory.
   *
   * @returns its lines, and whether they name every package with its release
   * @throws FlowstoreError INVALID_OPTION for a file that does not have the format of its name,
   * DEPENDENCY_INSTALL with the output of uv or poetry, PYTHON_NOT_FOUND if no Python on this machine runs
   * them
   */
  readonly requirements: (
    project: ProjectFile,
    machine: Machine
  ) => ProjectLines | Promise<ProjectLines>
}

/** The requirement lines of a project. */
export interface ProjectLines {
  readonly lines: readonly string[]
  /** Whether they are all packages that are installed, each with its release. */
  readonly locked: boolean
  /** The Pythons that the project runs on. */
  readonly python?: RequiredPython | undefined
  /** Other files that decide about the lines, relative to the working directory; default none. */
  readonly read?: readonly string[]
}

/**
 * The Pythons that a file says its project runs on.
 *
 * @param specifier version specifiers; anything else counts as none
 * @param key what stands before them in the file
 */
export function requiredPython(
  { file, text }: Pick<ProjectFile, 'file' | 'text'>,
  specifier: unknown,
  key: string
): RequiredPython | undefined {
  // Poetry has operators of its own, such as `^3.9`.
  if (typeof specifier !== 'string' || !validRange(specifier)) return undefined
  const line = text.split('\n').findIndex(each => each.trimStart().startsWith(key))
  return { specifier, file, line: line === -1 ? undefined : line + 1 }
}

/** The paths of files in folders, of those that exist. Folders are relative to that of a project. */
export async function filesIn(
  project: ProjectFile,
  folders: readonly string[],
  names: readonly string[]
): Promise<string[]> {
  const paths = folders.flatMap(folder =>
    names.map(name => resolve(folderOf(project), folder, name))
  )
  const found = await Promise.all(
    paths.map(async path => ((await statIfThere(path))?.isFile() ? [path] : []))
  )
  return found.flat().map(path => pathFrom(project.cwd, path))
}

/** The folder of a project, absolute. */
export const folderOf = ({ file, cwd }: ProjectFile): string => resolve(cwd, dirname(file))

/** The error for a file that does not have the format of its name. */
export const invalidProject = (
  { file }: Pick<ProjectFile, 'file'>,
  what: string,
  hint?: string
): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', `the requirements file '${file}' ${what}`, { file, hint })

/** The error for an extra, a group or a package that a project does not have. */
export const unknownName = (
  { file }: Pick<ProjectFile, 'file'>,
  option: keyof ProjectChoice,
  name: string,
  known: readonly string[]
): FlowstoreError => {
  const near = nearest(name, known)
  return new FlowstoreError(
    'INVALID_OPTION',
    `the option '${option}' names '${name}', which ${file} does not have${near === undefined ? '' : `; did you mean '${near}'?`}`,
    { file, hint: known.length === 0 ? `It has no ${option}.` : `It has ${known.join(', ')}.` }
  )
}

/** A path in a project's file, made relative to the working directory, such as `./libs/tools`. */
export function localPath(path: string, project: ProjectFile): string {
  const found = pathFrom(project.cwd, resolve(folderOf(project), path))
  return found.startsWith('../') || found === '..' ? found : `./${found}`
}

/** Whether an address is PyPI's. It is not passed to pip, since it would override a configured mirror. */
export const isPypi = (url: string): boolean => /^https:\/\/pypi\.org\/simple\/?$/.test(url)

/** Options of pip for the indexes that a project uses. */
export function indexLines(urls: readonly string[]): string[] {
  const others = urls.filter(url => !isPypi(url))
  return others.map((url, index) =>
    index === 0 && others.length === urls.length ? `--index-url ${url}` : `--extra-index-url ${url}`
  )
}

/** A value as a TOML table; empty if it is something else. */
export const tableOf = (value: unknown): TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {}

/** @throws FlowstoreError INVALID_OPTION for a text that is not TOML */
export function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text)
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    throw invalidProject({ file }, `is not TOML: ${reason}`)
  }
}
