import { readFile } from 'node:fs/promises'
import { posix, relative, resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'

/** What flows depend on, as the options say it. */
export interface Requirements {
  /** The lines of `python-dependencies`. */
  readonly lines: readonly string[]
  /** The requirements file, relative to the working directory with `/`; undefined for none. */
  readonly file: string | undefined
  /** It and every file that it names with `-r` or `-c`: path relative to the working directory, to text. */
  readonly texts: ReadonlyMap<string, string>
  /** Lines that name a path: the repository's own packages, or wheels in it. */
  readonly local: readonly string[]
}

const NAMED_FILE = /^(?:-r|-c|--requirement|--constraint)[\s=]*(?<name>[^\s#]+)/

const isLocal = (line: string): boolean =>
  /^(-e|--editable)\b/.test(line) ||
  /^(\.|\/|file:)/.test(line) ||
  /@\s*file:/.test(line) ||
  /^[^\s@;]+\.(whl|tar\.gz|zip)\s*(;.*)?$/.test(line)

/**
 * Reads what flows depend on, with every file that the requirements file names.
 *
 * @param cwd the folder that paths are relative to
 * @throws FlowstoreError FILE_NOT_FOUND, naming the file and the line that names it
 */
export async function readRequirements(
  cwd: string,
  lines: readonly string[],
  file: string | undefined
): Promise<Requirements> {
  const texts = new Map<string, string>()
  const local = lines.filter(isLocal)

  const read = async (path: string, from?: { file: string; line: number }): Promise<void> => {
    if (texts.has(path)) return
    let text: string
    try {
      text = await readFile(resolve(cwd, path), 'utf8')
    } catch (error) {
      throw new FlowstoreError('FILE_NOT_FOUND', `the requirements file '${path}' can't be read`, {
        ...from,
        hint: `Looked in ${cwd}.`,
        cause: error
      })
    }
    texts.set(path, text)
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
      const line = raw.trim()
      const name = NAMED_FILE.exec(line)?.groups?.['name']
      if (name !== undefined && !/^[a-z]+:\/\//.test(name)) {
        const named = posix.normalize(posix.join(posix.dirname(path), name.replaceAll('\\', '/')))
        await read(named, { file: path, line: index + 1 })
      } else if (isLocal(line)) local.push(line)
    }
  }

  const first =
    file === undefined ? undefined : relative(cwd, resolve(cwd, file)).replaceAll(sep, '/')
  if (first !== undefined) await read(first)
  return { lines, file: first, texts, local }
}

/** Every requirement line, of whatever file. */
export const requirementLines = ({ lines, texts }: Requirements): string[] => [
  ...lines,
  ...[...texts.values()].flatMap(text => text.split(/\r?\n/))
]
