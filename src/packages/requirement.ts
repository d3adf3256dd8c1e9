/** The fields of every requirement line. */
interface WrittenLine {
  /** The line as pip reads it: continued lines joined by a space, without a comment. */
  readonly line: string
  /** The line as it is written, with line breaks and comment. */
  readonly raw: string
  /** Number of its first line in its text, from 1. */
  readonly number: number
}

/** The details after the package itself. */
interface Details {
  readonly extras: readonly string[]
  /** Environment marker, such as `python_version > "3"`; empty for none. */
  readonly marker: string
  /** Such as `sha256:…`. */
  readonly hashes: readonly string[]
  /** Options of this line other than hashes, such as `--config-settings x=y`; empty for none. */
  readonly options: string
}

/** A package from an index, such as `pandas[sql]>=1`. */
export interface NamedRequirement extends WrittenLine, Details {
  readonly kind: 'named'
  readonly name: string
  /** Such as `>=1,<2`, as it is written; empty for any version. */
  readonly specifier: string
}

/** A package from an address, such as `tools @ git+https://github.com/acme/tools@v1`. */
interface UrlRequirement extends WrittenLine, Details {
  readonly kind: 'url'
  readonly name: string | undefined
  readonly url: string
  /** The version control of the address; undefined for an archive. */
  readonly vcs: 'git' | 'hg' | 'svn' | 'bzr' | undefined
  readonly editable: boolean
}

/** A package on the file system: a project's folder or an archive. */
export interface PathRequirement extends WrittenLine, Details {
  readonly kind: 'path'
  readonly name: string | undefined
  /** A path, or a `file:` URL, without extras. */
  readonly path: string
  readonly editable: boolean
}

/** `-r` or `-c`: another file is read as well. */
interface IncludeLine extends WrittenLine {
  readonly kind: 'include'
  /** A path relative to the folder of the file with the line, or a URL. */
  readonly target: string
  readonly isUrl: boolean
}

/** Any other option of pip, such as `--extra-index-url`. */
export interface OptionLine extends WrittenLine {
  readonly kind: 'option'
  /** The long name, even if the line has the short one. */
  readonly name: string
  readonly value: string
}

/** Any other line; pip reports what is wrong with it. */
interface UnknownLine extends WrittenLine {
  readonly kind: 'unknown'
}

/** A line that names a package to install. */
export type Requirement = NamedRequirement | UrlRequirement | PathRequirement

/** A line of requirements. */
export type RequirementLine = Requirement | IncludeLine | OptionLine | UnknownLine

const LONG_NAMES: Readonly<Record<string, string>> = {
  '-c': '--constraint',
  '-e': '--editable',
  '-f': '--find-links',
  '-i': '--index-url',
  '-r': '--requirement'
}

const COMMENT = /(?:^|\s)#.*$/
const EDITABLE = /^\s*(?:-e\s*=?|--editable[\s=])\s*/
const HASH = /\s+--hash(?:\s*=\s*|\s+)(\S+)/g
const NAME = '([A-Za-z0-9][\\w.-]*)\\s*(?:\\[([^\\]]*)\\])?\\s*'
const NAMED = new RegExp(`^${NAME}(\\(.*?\\)|[<>=!~][^;]*)?\\s*(?:;\\s*(.*))?$`)
const NAMED_URL = new RegExp(`^${NAME}@\\s*(\\S.*)$`)
const URL_START = /^(?:[a-z][\w.-]*\+[a-z]+:|[a-z][\w+.-]*:\/\/|file:)/i
const ARCHIVE = '\\.(?:whl|tar\\.gz|tar\\.bz2|zip)'
const ARCHIVE_NAME = new RegExp(`${ARCHIVE}$`)
const ARCHIVE_LINE = new RegExp(`^[^\\s@;]+?${ARCHIVE}(?:\\[[^\\]]*\\])?\\s*(?:;|$)`)

/** Whether a file's name is that of an archive that pip installs. */
export const isArchive = (name: string): boolean => ARCHIVE_NAME.test(name)

/** Whether a text is a URL and not a path. */
export const isUrl = (text: string): boolean => URL_START.test(text)

/** The lines of a text as pip reads them, without empty lines and comments. */
function writtenLines(text: string): WrittenLine[] {
  const lines: WrittenLine[] = []
  const all = text.split(/\r?\n/)
  for (let first = 0, last = 0; last < all.length; last += 1) {
    const written = all[last] ?? ''
    if (written.endsWith('\\') && !/^\s*#/.test(written) && last + 1 < all.length) continue
    const parts = all.slice(first, last + 1)
    const joined = parts.map(part => part.replace(/\\$/, '').trim()).join(' ')
    const line = joined.replace(COMMENT, '').trim()
    if (line !== '') lines.push({ line, raw: parts.join('\n'), number: first + 1 })
    first = last + 1
  }
  return lines
}

const names = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')

/** Splits at the first match of a separator; the second part is empty without a match. */
function splitOnce(text: string, separator: RegExp): [string, string] {
  const found = separator.exec(text)
  if (found === null) return [text, '']
  return [text.slice(0, found.index), text.slice(found.index + found[0].length)]
}

function looksLikePath(text: string): boolean {
  if (/^[./]/.test(text) || ARCHIVE_LINE.test(text)) return true
  // A package from an index has no slash before its version or its address.
  return splitOnce(text, /[\s@;:<>=!~[]/)[0].includes('/')
}

interface Unparsed {
  readonly written: WrittenLine
  readonly text: string
  readonly hashes: readonly string[]
  readonly options: string
  readonly editable: boolean
}

function urlRequirement(
  { written, hashes, options, editable }: Unparsed,
  address: string,
  name?: string,
  extras?: string
): Requirement {
  const [url, marker] = splitOnce(address, /\s*;\s+|\s+;\s*/)
  const common = { ...written, name, extras: names(extras), marker, hashes, options, editable }
  if (/^file:/i.test(url)) return { kind: 'path', path: url, ...common }
  const vcs = /^(git|hg|svn|bzr)\+/.exec(url)?.[1] as UrlRequirement['vcs']
  return { kind: 'url', url, vcs, ...common }
}

function pathRequirement({ written, text, hashes, options, editable }: Unparsed): PathRequirement {
  const [target, marker] = splitOnce(text, /\s*;\s*/)
  const extras = /\[([^\]]*)\]$/.exec(target)
  return {
    kind: 'path',
    ...written,
    name: undefined,
    path: extras === null ? target : target.slice(0, extras.index),
    extras: names(extras?.[1]),
    marker,
    hashes,
    options,
    editable
  }
}

function requirement(
  written: WrittenLine,
  body: string,
  editable: boolean
): Requirement | UnknownLine {
  const hashes = [...body.matchAll(HASH)].map(([, hash = '']) => hash)
  const [text, optionText] = splitOnce(body.replace(HASH, ''), /\s+(?=-)/)
  const unparsed = { written, text, hashes, options: optionText.trim(), editable }
  const named = NAMED_URL.exec(text)
  if (named !== null) return urlRequirement(unparsed, named[3] ?? '', named[1], named[2])
  if (isUrl(text)) return urlRequirement(unparsed, text)
  if (editable || looksLikePath(text)) return pathRequirement(unparsed)
  const found = NAMED.exec(text)
  if (found === null) return { kind: 'unknown', ...written }
  const [, name = '', extras, specifier = '', marker = ''] = found
  return {
    kind: 'named',
    ...written,
    name,
    extras: names(extras),
    specifier: specifier.trim(),
    marker: marker.trim(),
    hashes,
    options: unparsed.options
  }
}

const unquoted = (word: string): string => /^(["'])(.*)\1$/.exec(word)?.[2] ?? word

function optionLine(written: WrittenLine, short: string, value: string): RequirementLine {
  const name = LONG_NAMES[short] ?? short
  if (name === '--editable') return requirement(written, value, true)
  if (name !== '--requirement' && name !== '--constraint') {
    return { kind: 'option', ...written, name, value }
  }
  const target = unquoted(/^(?:"[^"]*"|'[^']*'|\S*)/.exec(value)?.[0] ?? '')
  return { kind: 'include', ...written, target, isUrl: isUrl(target) }
}

function readLine(written: WrittenLine): RequirementLine {
  const { line } = written
  if (!line.startsWith('-')) return requirement(written, line, false)
  const option = /^(--[a-z][a-z-]*|-[a-zA-Z])(?:\s*=\s*|\s+|)(.*)$/.exec(line)
  return option === null
    ? { kind: 'unknown', ...written }
    : optionLine(written, option[1] ?? '', option[2] ?? '')
}

/**
 * Reads the lines of a requirements file, in order; blank lines and comments are skipped. The format is pip's
 * ("Requirements File Format"), names, extras and markers are those of PEP 508. Nothing is refused here: a
 * line that pip does not accept is `unknown`.
 */
export const parseRequirements = (text: string): RequirementLine[] =>
  writtenLines(text).map(readLine)

/** Reads one line without a comment. */
export const parseRequirement = (line: string): RequirementLine =>
  readLine({ line: line.trim(), raw: line, number: 1 })

/** A package's name as indexes compare it (PEP 503). */
export const normalizedName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

/** Whether a line names a package to install. */
export const isRequirement = (line: RequirementLine): line is Requirement =>
  line.kind === 'named' || line.kind === 'url' || line.kind === 'path'

/** Whether a line has a hash for its package. */
export const hasHashes = (line: RequirementLine): line is Requirement =>
  isRequirement(line) && line.hashes.length > 0

/** Whether a line asks for an editable install. */
export const isEditable = (line: RequirementLine): boolean =>
  (line.kind === 'path' || line.kind === 'url') && line.editable

const INDEX_OPTIONS = new Set([
  '--index-url',
  '--extra-index-url',
  '--no-index',
  '--find-links',
  '--trusted-host',
  '--pre',
  '--prefer-binary',
  '--no-binary',
  '--only-binary'
])

/** Whether a line is an option about indexes, which applies to every run of pip. */
export const isIndexOption = (line: RequirementLine): line is OptionLine =>
  line.kind === 'option' && INDEX_OPTIONS.has(line.name)

/** Whether a line names a path: a package of the repository, an archive, or a folder of archives. */
export const isLocal = (line: RequirementLine): boolean =>
  line.kind === 'path' || (isFindLinks(line) && !isUrl(line.value))

/** Whether a line names a folder or a page of archives. */
export const isFindLinks = (line: RequirementLine): line is OptionLine =>
  line.kind === 'option' && line.name === '--find-links'

/** Whether a short option has its value right after it, such as `-rmore.txt`. */
export const hasAttachedValue = ({ line }: RequirementLine): boolean =>
  /^-[a-zA-Z][^\s=]/.test(line)

/** The one release that a line allows, such as `1.4.1` of `prefect==1.4.1`; undefined for any other. */
export const pinnedVersion = (line: NamedRequirement): string | undefined =>
  /^===?\s*([^\s,]+)/.exec(line.specifier)?.[1]

/**
 * A written line without its editable option: the package is installed normally from the same path or
 * address. Other lines are returned unchanged.
 */
export function withoutEditableOption(written: string): string {
  if (!EDITABLE.test(written)) return written
  const target = written.replace(EDITABLE, '')
  // Without a slash, pip would read the name of a folder as a package of the index.
  return /^(?:\.|\/|["']|[a-z+]+:|\S+\s*@)/i.test(target) ? target : `./${target}`
}
