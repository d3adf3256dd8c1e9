import { posix } from 'node:path'
import {
  hasHashes,
  isFindLinks,
  isIndexOption,
  isUrl,
  type Requirement,
  type RequirementLine
} from './requirement.js'
import { allLines, prefectPin, type Requirements } from './requirements.js'

/** One run of pip: `pip install ARGS -r FILE`, and `-c CONSTRAINTS` if the file does not name them. */
export interface PipRun {
  readonly file: string
  readonly args: readonly string[]
  readonly constraints?: string | undefined
  /** Whether every requirement needs a hash. */
  readonly hashed?: boolean
  /** Texts of the files to write for it, by their names; `file` is one of them. */
  readonly texts: ReadonlyMap<string, string>
}

/** The Prefect to install with the requirements. */
export interface Additional {
  /** The Prefect release or git ref. */
  readonly prefect: string
  /** Requirement lines for it. */
  readonly lines: readonly string[]
  /** Whether it is already installed: then its lines are only constraints. */
  readonly present: boolean
}

/**
 * Arguments of `pip install` for a run.
 *
 * @param pathOf the path of a file of the run
 */
export const pipArguments = (run: PipRun, pathOf: (name: string) => string): string[] => [
  ...run.args,
  '-r',
  pathOf(run.file),
  ...(run.constraints === undefined ? [] : ['-c', pathOf(run.constraints)])
]

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`

const raw = ({ raw: rawText }: RequirementLine): string => rawText

/** A run for lines without hashes; its file names the constraints. */
function plainRun(lines: readonly string[], constraints: readonly string[]): PipRun {
  const [file, constraintsFile] = ['flowstore-requirements.txt', 'flowstore-constraints.txt']
  return constraints.length === 0
    ? { file, args: [], texts: new Map([[file, textOf(lines)]]) }
    : {
        file,
        args: [],
        texts: new Map([
          [file, textOf([...lines, `-c ${constraintsFile}`])],
          [constraintsFile, textOf(constraints)]
        ])
      }
}

/** A run for lines that all have hashes. */
function hashedRun(
  lines: readonly string[],
  constraints: readonly string[],
  args: readonly string[]
): PipRun {
  const [file, constraintsFile] = ['flowstore-hashed.txt', 'flowstore-hashed-constraints.txt']
  const texts = new Map([[file, textOf(lines)]])
  if (constraints.length === 0) return { file, args, hashed: true, texts }
  texts.set(constraintsFile, textOf(constraints))
  return { file, args, hashed: true, constraints: constraintsFile, texts }
}

/** `name==version ; marker` of a requirement, or nothing if it allows other releases. */
function pinOf(line: Requirement): string[] {
  if (line.kind !== 'named' || !line.specifier.startsWith('==')) return []
  return [`${line.name}${line.specifier}${line.marker === '' ? '' : ` ; ${line.marker}`}`]
}

/** Index options of a file in a folder, for use from the working directory. */
const indexOptions = (lines: readonly RequirementLine[], folder: string): string[] =>
  lines.filter(isIndexOption).flatMap(line => {
    const isRelative = isFindLinks(line) && !isUrl(line.value) && !line.value.startsWith('/')
    // pip looks beside the file first, then in the working directory.
    return isRelative && folder !== '.'
      ? [`--find-links ${posix.join(folder, line.value)}`, line.line]
      : [line.line]
  })

const quoted = (path: string): string => (/\s/.test(path) ? `"${path}"` : path)

/**
 * The runs of pip that install requirements. Without hashes it is one run with one resolution. If a line has
 * a hash, pip requires one for every line of the run. Then the first run installs the lines with hashes, and
 * the second run the other lines, with the packages of the first as constraints.
 *
 * @param fileAt gives the path for pip of the requirements file
 */
export function pipRuns(
  requirements: Requirements,
  additional: Additional | undefined,
  fileAt: (path: string) => string
): PipRun[] {
  const { lines, file, exported } = requirements
  const includes = file === undefined ? [] : [`-r ${quoted(fileAt(file))}`]
  if (allLines(requirements).some(hasHashes)) {
    return runsWithHashes(requirements, additional, includes)
  }
  const written = [...lines, ...(exported?.lines ?? []), ...includes]
  const prefect = additional?.lines ?? []
  return additional?.present
    ? [plainRun(written, prefect)]
    : [plainRun([...prefect, ...written], [])]
}

function runsWithHashes(
  { exported, parsedLines, parsedTexts }: Requirements,
  additional: Additional | undefined,
  includes: readonly string[]
): PipRun[] {
  const fileLines = [...parsedTexts.values()].flat()
  const fileHashed = fileLines.some(
    line => hasHashes(line) || (line.kind === 'option' && line.name === '--require-hashes')
  )
  const hashed = [...parsedLines, ...fileLines].filter(hasHashes)
  const prefect = additional?.lines ?? []
  const isInstalled =
    additional?.present === true || prefectPin(hashed)?.version === additional?.prefect

  const index = parsedLines.filter(isIndexOption).map(raw)
  const first = [
    ...index,
    ...parsedLines.filter(hasHashes).map(raw),
    ...(fileHashed ? includes : [])
  ]
  const rest = [
    ...parsedLines.filter(line => !hasHashes(line) && !isIndexOption(line)).map(raw),
    ...(fileHashed ? [] : includes)
  ]
  const hashedFirst = hashedRun(
    first,
    prefect.filter(line => !line.startsWith('git+')),
    // A lock file names every package. The second run installs what its lines without hashes depend on.
    exported && !fileHashed ? ['--no-deps'] : []
  )
  const second = isInstalled ? rest : [...prefect, ...rest]
  if (second.length === 0) return [hashedFirst]
  const fileIndex = [...parsedTexts].flatMap(([path, lines]) =>
    indexOptions(lines, posix.dirname(path))
  )
  return [
    hashedFirst,
    plainRun(
      [...(fileHashed ? fileIndex : []), ...index, ...second],
      [...(isInstalled ? prefect : []), ...hashed.flatMap(pinOf)]
    )
  ]
}
