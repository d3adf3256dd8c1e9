import { isRelease } from '../prefect/releases.js'
import type { PickledFlowLine } from '../prefect/pickled-flow-line.js'
import type { PrefectPin, PrefectRange, PrefectRequest } from '../prefect/resolve.js'
import {
  isEditable,
  isIndexOption,
  isLocal,
  normalizedName,
  parseRequirements,
  pinnedVersion,
  withoutEditableOption,
  type NamedRequirement,
  type RequirementLine
} from './requirement.js'

/** The Pythons that a project runs on. */
export interface RequiredPython {
  /** Version specifiers, such as `>=3.10,<3.13`. */
  readonly specifier: string
  /** The file that says so, and its line. */
  readonly file: string
  readonly line?: number | undefined
}

/** The requirements of flows as they are written. They reach pip unchanged. */
export interface WrittenRequirements {
  /** The lines of `python-dependencies`. */
  readonly lines: readonly string[]
  /** The requirements file for pip, relative to the working directory with `/`; undefined for none. */
  readonly file: string | undefined
  /**
   * Texts of the requirements file and of every file that it names with `-r` or `-c`, by their paths relative
   * to the working directory.
   */
  readonly texts: ReadonlyMap<string, string>
  /** The lines of a lock file or a `pyproject.toml`, if it is the requirements file. */
  readonly exported?:
    | {
        readonly file: string
        readonly lines: readonly string[]
        /** Whether the lines are all packages that are installed, each with its release. */
        readonly locked: boolean
        /** The Pythons that the project runs on. */
        readonly python?: RequiredPython | undefined
        /** Other files that decide about the lines, relative to the working directory. */
        readonly read?: readonly string[] | undefined
      }
    | undefined
}

/** The requirements of flows, parsed. */
export interface Requirements extends WrittenRequirements {
  /** `lines` and then `exported`, parsed. */
  readonly parsedLines: readonly RequirementLine[]
  /** `texts`, parsed. */
  readonly parsedTexts: ReadonlyMap<string, readonly RequirementLine[]>
  /** Lines that name a path: packages and wheels of the repository, and folders of wheels. */
  readonly local: readonly string[]
}

const parseTexts = (texts: ReadonlyMap<string, string>) =>
  new Map([...texts].map(([path, text]) => [path, parseRequirements(text)]))

/**
 * Parses requirements.
 *
 * @param parsedTexts its texts, if they are parsed already
 */
export function requirementsOf(
  { lines, file, texts, exported }: WrittenRequirements,
  parsedTexts: ReadonlyMap<string, readonly RequirementLine[]> = parseTexts(texts)
): Requirements {
  const parsedLines = [
    ...parseRequirements(lines.join('\n')),
    ...parseRequirements((exported?.lines ?? []).join('\n'))
  ]
  const local = allLines({ parsedLines, parsedTexts }).filter(isLocal)
  return {
    lines,
    file,
    texts,
    exported,
    parsedLines,
    parsedTexts,
    local: local.map(({ line }) => line)
  }
}

/** All parsed lines of all files. */
export const allLines = ({
  parsedLines,
  parsedTexts
}: Pick<Requirements, 'parsedLines' | 'parsedTexts'>): RequirementLine[] =>
  [parsedLines, ...parsedTexts.values()].flat()

/** All lines of all files, as they are written. */
export const requirementLines = ({ lines, texts, exported }: WrittenRequirements): string[] => [
  ...lines,
  ...(exported?.lines ?? []),
  ...[...texts.values()].flatMap(text => text.split(/\r?\n/))
]

/** The part of requirements in the key of an environment, as plain JSON. */
export const requirementsIdentity = ({ lines, file, texts, exported }: WrittenRequirements) => ({
  lines,
  file,
  texts: [...texts],
  exported: exported && {
    file: exported.file,
    lines: exported.lines,
    locked: exported.locked
  }
})

/** The name of the requirements file for messages. */
export const requirementsName = ({ file, exported }: WrittenRequirements): string | undefined =>
  exported?.file ?? file

/** The first line that pins a Prefect release, ignoring extras and markers; undefined if none does. */
export function prefectPin(lines: readonly RequirementLine[]): PrefectPin | undefined {
  for (const line of lines) {
    if (line.kind !== 'named' || normalizedName(line.name) !== 'prefect') continue
    const version = pinnedVersion(line)
    if (version !== undefined && isRelease(version)) return { version, text: line.line }
  }
  return undefined
}

/** The releases that all lines about Prefect allow; undefined if there are none, or one is not a range. */
function prefectRange(requirements: Requirements): PrefectRange | undefined {
  const lines = allLines(requirements).filter(
    line => line.kind === 'named' && normalizedName(line.name) === 'prefect'
  ) as NamedRequirement[]
  const [first] = lines
  if (first === undefined) return undefined
  const specifiers = lines.map(({ specifier }) => specifier.replace(/^\((.*)\)$/, '$1').trim())
  const [file] = [...requirements.parsedTexts].find(([, texts]) => texts.includes(first)) ?? []
  return {
    specifier: specifiers.filter(Boolean).join(','),
    text: lines.map(({ line }) => line).join("' and '"),
    file,
    line: file === undefined ? undefined : first.number
  }
}

/** The Prefect version that the option `prefect-version` or requirements ask for. */
export const prefectRequest = (
  option: string | undefined,
  requirements: Requirements,
  pickledFlow?: PickledFlowLine
): PrefectRequest => ({
  option,
  pin: prefectPin(allLines(requirements)),
  range: prefectRange(requirements),
  pickledFlow
})

/** Whether a line installs Prefect from an address or a path: a commit, or an archive. */
const isDirectPrefect = (line: RequirementLine): boolean =>
  (line.kind === 'url' || line.kind === 'path') &&
  line.name !== undefined &&
  normalizedName(line.name) === 'prefect'

/**
 * The requirement lines for Prefect beside requirements. A lock file decides the releases of the packages that it names:
 * the pins that a release of Prefect needs if nothing is locked don't apply to them. A requirement with an address
 * decides about Prefect itself: the release only tells which rules apply.
 *
 * @param prefect those of Prefect and its pins
 */
export function prefectLines(
  requirements: Requirements,
  prefect: readonly string[]
): { readonly lines: readonly string[]; readonly overruled: readonly string[] } {
  const { exported } = requirements
  // What is installed may be of a commit after the release.
  const isDirect = allLines(requirements).some(isDirectPrefect)
  const lines = isDirect ? prefect.filter(line => !line.startsWith('prefect==')) : prefect
  const locked = new Set<string>()
  for (const line of exported?.locked ? parseRequirements(exported.lines.join('\n')) : []) {
    if (line.kind === 'named') locked.add(normalizedName(line.name))
  }
  const isOverruled = (text: string): boolean =>
    parseRequirements(text).some(
      line =>
        line.kind === 'named' &&
        normalizedName(line.name) !== 'prefect' &&
        locked.has(normalizedName(line.name))
    )
  return {
    lines: lines.filter(line => !isOverruled(line)),
    overruled: lines.filter(isOverruled)
  }
}

/** What the log says of pins that a lock file overrules; undefined for none. */
export const overruledText = (
  overruled: readonly string[],
  prefect: string,
  requirements: Requirements
): string | undefined =>
  overruled.length === 0
    ? undefined
    : `${requirementsName(requirements) ?? ''} decides about ${overruled.join(', ')}, which Prefect ${prefect} is installed with otherwise`

/** Whether the installation of requirements needs git. */
export const needsGit = (requirements: Requirements): boolean =>
  allLines(requirements).some(line => line.kind === 'url' && line.vcs === 'git')

/** The requirements for an image: the same paths, but not editable. */
export function withoutEditable(requirements: Requirements): Requirements {
  if (!allLines(requirements).some(isEditable)) return requirements
  const { lines, file, texts, exported, parsedTexts } = requirements
  // Only these lines change: every character of the others stays.
  const plainText = ([path, text]: readonly [string, string]): [string, string] => [
    path,
    parsedTexts.get(path)?.some(isEditable)
      ? text.split('\n').map(withoutEditableOption).join('\n')
      : text
  ]
  return requirementsOf({
    lines: lines.map(withoutEditableOption),
    file,
    texts: new Map([...texts].map(plainText)),
    exported: exported && { ...exported, lines: exported.lines.map(withoutEditableOption) }
  })
}

/** Whether a line names a package, or a file of packages, outside the indexes. */
const isOutsideIndexes = (line: RequirementLine): boolean =>
  isLocal(line) || line.kind === 'url' || (line.kind === 'include' && line.isUrl)

/**
 * Requirements for exactly the given packages, from the same indexes; undefined if the requirements name
 * packages outside the indexes.
 *
 * @param packages name to version
 */
export function exactRequirements(
  requirements: Requirements,
  packages: Readonly<Record<string, string>>
): Requirements | undefined {
  const all = allLines(requirements)
  if (all.some(isOutsideIndexes)) return undefined
  return requirementsOf({
    lines: [
      ...all.filter(isIndexOption).map(({ line }) => line),
      ...Object.entries(packages).map(([name, version]) => `${name}==${version}`)
    ],
    file: undefined,
    texts: new Map()
  })
}
