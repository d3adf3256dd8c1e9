import { posix } from 'node:path'
import { pinnedPrefect } from '../prefect/rules.js'
import type { Requirements } from './requirements.js'

/** One run of pip: `pip install ARGS -r FILE`, and `-c CONSTRAINTS` where these are not in the file. */
export interface PipRun {
  readonly file: string
  readonly args: readonly string[]
  readonly constraints?: string | undefined
  /** Whether everything in it has to have a hash. */
  readonly hashed?: boolean
  /** The files it needs that are no files of the repository, `file` among them: name to text. */
  readonly texts: ReadonlyMap<string, string>
}

/** What has to be installed along with the requirements. */
export interface Additional {
  /** The Prefect release or git ref. */
  readonly prefect: string
  /** Requirement lines for it. */
  readonly lines: readonly string[]
  /** Whether it is there already, so that the lines only hold the rest to it. */
  readonly present: boolean
}

/**
 * Arguments of `pip install` for a run.
 *
 * @param at where a file of the run lies
 */
export const pipArguments = (run: PipRun, at: (name: string) => string): string[] => [
  ...run.args,
  '-r',
  at(run.file),
  ...(run.constraints === undefined ? [] : ['-c', at(run.constraints)])
]

const HASH = /\s--hash[=\s]/
const EDITABLE = /^\s*(?:-e\s*=?|--editable[\s=])\s*/
/** Options that say where packages come from: they hold for every run. */
const INDEX =
  /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--pre|--prefer-binary|--no-binary|--only-binary)(?=[\s=]|$)/

/** Whether a line says where packages come from. */
export const isIndexOption = (line: string): boolean => INDEX.test(line)

/** Lines of a requirements file as pip reads them: joined, without comments and blank ones. */
export const logicalLines = (text: string): string[] =>
  text
    .replace(/^\s*#.*$/gm, '')
    .replace(/\s*\\\r?\n\s*/g, ' ')
    .split(/\r?\n/)
    .map(line => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(line => line !== '')

/** Whether a line asks for an editable install. */
export const isEditable = (line: string): boolean => EDITABLE.test(line)

/** The requirements as an image can have them: installed from the same paths, but not editable. */
export function withoutEditable(requirements: Requirements): Requirements {
  const plain = (line: string): string => {
    if (!isEditable(line)) return line
    const path = line.replace(EDITABLE, '')
    // Without a slash before it pip would take a folder's name for a package of the index.
    return /^(?:\.|\/|["']|[a-z+]+:|\S+\s*@)/i.test(path) ? path : `./${path}`
  }
  const { lines, texts, local, exported } = requirements
  return {
    ...requirements,
    lines: lines.map(plain),
    texts: new Map(
      [...texts].map(([path, text]) => [
        path,
        // Only lines that change: the others keep their every character.
        text.split('\n').some(isEditable) ? text.split('\n').map(plain).join('\n') : text
      ])
    ),
    local: local.map(plain),
    exported: exported && { ...exported, lines: exported.lines.map(plain) }
  }
}

/** `name==version; marker` of a line with hashes, or nothing where it names no release. */
function pinOf(line: string): string[] {
  const bare = line.replace(/\s+--hash[=\s]\s*\S+/g, '').trim()
  const pin = /^(?<name>[\w.-]+)\s*(?:\[[^\]]*\])?\s*(?<rest>===?\s*[^\s;]+\s*(?:;.*)?)$/.exec(bare)
  return pin?.groups ? [`${pin.groups['name'] ?? ''}${pin.groups['rest'] ?? ''}`] : []
}

/** Index options of a file in a folder, as they read from the working directory. */
function indexOptions(lines: readonly string[], folder: string): string[] {
  return lines
    .filter(line => INDEX.test(line))
    .flatMap(line => {
      const path = /^(?:-f|--find-links)[\s=]+(?!\/|[a-z+]+:)(\S+)/.exec(line)?.[1]
      // pip looks beside the file first, then in the working directory.
      return path === undefined || folder === '.'
        ? [line]
        : [`--find-links ${posix.join(folder, path)}`, line]
    })
}

const quoted = (path: string): string => (/\s/.test(path) ? `"${path}"` : path)

/**
 * How pip installs requirements. Mostly in one run, so that one resolution holds for all. Where lines
 * have hashes pip wants one for everything in the run: then these come first, and what has none in a
 * second run that can't change what the first has installed.
 *
 * @param fileAt where the requirements file lies for pip
 */
export function pipRuns(
  requirements: Requirements,
  additional: Additional | undefined,
  fileAt: (path: string) => string
): PipRun[] {
  const { lines, file, texts, exported } = requirements
  const inFile = file === undefined ? [] : [`-r ${quoted(fileAt(file))}`]
  const given = [...lines, ...(exported?.lines ?? [])]
  const fileLines = [...texts.values()].flatMap(logicalLines)
  const fileHashed = fileLines.some(line => HASH.test(line) || line === '--require-hashes')
  const hashed = [...given, ...fileLines].filter(line => HASH.test(line))

  const run = (
    name: string,
    own: readonly string[],
    constraints: readonly string[],
    args: readonly string[] = []
  ): PipRun => {
    const [requirementsName, constraintsName] = [
      `flowstore-${name}.txt`,
      `flowstore-${name === 'requirements' ? '' : `${name}-`}constraints.txt`
    ]
    const hashed = name === 'hashed'
    const constrained = constraints.length === 0 || hashed ? [] : [`-c ${constraintsName}`]
    return {
      file: requirementsName,
      args,
      ...(hashed && {
        hashed,
        constraints: constraints.length === 0 ? undefined : constraintsName
      }),
      texts: new Map([
        [requirementsName, `${[...own, ...constrained].join('\n')}\n`],
        ...(constraints.length === 0
          ? []
          : [[constraintsName, `${constraints.join('\n')}\n`] as const])
      ])
    }
  }

  const wanted = additional?.lines ?? []
  if (hashed.length === 0) {
    return additional?.present
      ? [run('requirements', [...given, ...inFile], wanted)]
      : [run('requirements', [...wanted, ...given, ...inFile], [])]
  }
  const index = given.filter(line => INDEX.test(line))
  const fileIndex = [...texts].flatMap(([path, text]) =>
    indexOptions(logicalLines(text), posix.dirname(path))
  )
  const first = [...index, ...given.filter(line => HASH.test(line)), ...(fileHashed ? inFile : [])]
  const rest = [
    ...given.filter(line => !HASH.test(line) && !INDEX.test(line)),
    ...(fileHashed ? [] : inFile)
  ]
  const there = additional?.present === true || pinnedPrefect(hashed) === additional?.prefect
  const second = there ? rest : [...wanted, ...rest]
  return [
    // An exported lock names everything: what hangs on its lines without hashes comes after.
    run(
      'hashed',
      first,
      wanted.filter(line => !line.startsWith('git+')),
      exported && !fileHashed ? ['--no-deps'] : []
    ),
    ...(second.length === 0
      ? []
      : [
          run(
            'requirements',
            [...(fileHashed ? fileIndex : []), ...index, ...second],
            [...(there ? wanted : []), ...hashed.flatMap(pinOf)]
          )
        ])
  ]
}
