import { isRelease } from '../prefect/releases.js'
import type { PrefectPin } from '../prefect/resolve.js'
import {
  isEditable,
  isIndexOption,
  isLocal,
  normalizedName,
  parseRequirements,
  pinnedVersion,
  withoutEditableOption,
  type RequirementLine
} from './requirement.js'

/** What flows depend on, as it is written. Nothing of it changes on its way to pip. */
export interface WrittenRequirements {
  /** The lines of `python-dependencies`. */
  readonly lines: readonly string[]
  /** The requirements file for pip, relative to the working directory with `/`; undefined for none. */
  readonly file: string | undefined
  /** It and every file that it names with `-r` or `-c`: path relative to the working directory, to text. */
  readonly texts: ReadonlyMap<string, string>
  /** The lines that a lock file or a `pyproject.toml` stands for, if one is the requirements file. */
  readonly exported?: { readonly file: string; readonly lines: readonly string[] } | undefined
}

/** What flows depend on, and what it says. */
export interface Requirements extends WrittenRequirements {
  /** What `lines` and then `exported` say. */
  readonly parsedLines: readonly RequirementLine[]
  /** What each of `texts` says. */
  readonly parsedTexts: ReadonlyMap<string, readonly RequirementLine[]>
  /** Lines that name a path: the repository's own packages, wheels in it, or folders of these. */
  readonly local: readonly string[]
}

const parseTexts = (texts: ReadonlyMap<string, string>) =>
  new Map([...texts].map(([path, text]) => [path, parseRequirements(text)]))

/**
 * Requirements with what they say.
 *
 * @param parsedTexts what its texts say, where they are parsed already
 */
export function requirementsOf(
  { lines, file, texts, exported }: WrittenRequirements,
  parsedTexts: ReadonlyMap<string, readonly RequirementLine[]> = parseTexts(texts)
): Requirements {
  const parsedLines = [
    ...parseRequirements(lines.join('\n')),
    ...parseRequirements((exported?.lines ?? []).join('\n'))
  ]
  const local = [parsedLines, ...parsedTexts.values()].flat().filter(isLocal)
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

/** All that requirements say, of whatever file. */
export const allLines = ({ parsedLines, parsedTexts }: Requirements): RequirementLine[] =>
  [parsedLines, ...parsedTexts.values()].flat()

/** Every line as it is written, of whatever file. */
export const requirementLines = ({ lines, texts, exported }: WrittenRequirements): string[] => [
  ...lines,
  ...(exported?.lines ?? []),
  ...[...texts.values()].flatMap(text => text.split(/\r?\n/))
]

/** What requirements add to the key of an environment, as plain JSON. */
export const requirementsIdentity = ({ lines, file, texts, exported }: WrittenRequirements) => ({
  lines,
  file,
  texts: [...texts],
  exported
})

/** The requirements file as messages name it. */
export const requirementsName = ({ file, exported }: WrittenRequirements): string | undefined =>
  exported?.file ?? file

/** The first line that pins a Prefect release, extras and markers aside; undefined where none does. */
export function prefectPin(lines: readonly RequirementLine[]): PrefectPin | undefined {
  for (const line of lines) {
    if (line.kind !== 'named' || normalizedName(line.name) !== 'prefect') continue
    const version = pinnedVersion(line)
    if (version !== undefined && isRelease(version)) return { version, text: line.line }
  }
  return undefined
}

/** Whether git is needed to install requirements. */
export const needsGit = (requirements: Requirements): boolean =>
  allLines(requirements).some(line => line.kind === 'url' && line.vcs === 'git')

/** The requirements as an image can have them: installed from the same paths, but not editable. */
export function withoutEditable(requirements: Requirements): Requirements {
  if (!allLines(requirements).some(isEditable)) return requirements
  const { lines, file, texts, exported, parsedTexts } = requirements
  // Only lines that change: the others keep their every character.
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

/** Whether a line names a package, or a file of packages, that is in no index. */
const isOutsideIndexes = (line: RequirementLine): boolean =>
  isLocal(line) || line.kind === 'url' || (line.kind === 'include' && line.isUrl)

/**
 * Requirements that are exactly some packages, from the same indexes; undefined where one of the packages
 * comes from no index.
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
