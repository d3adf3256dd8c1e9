import { isReservedLabel, RESERVED_LABELS } from '../../docker/build-kwargs.js'
import { textLines } from './lines.js'

/** Annotations by the documents of a registry that have them. */
export interface ImageAnnotations {
  /** On the manifest of each platform. */
  readonly manifest: Readonly<Record<string, string>>
  /** On the index of several platforms. */
  readonly index: Readonly<Record<string, string>>
  /** On the entries of the index. */
  readonly descriptor: Readonly<Record<string, string>>
}

/** Whether there is any annotation. */
export const hasAnnotations = ({ manifest, index, descriptor }: ImageAnnotations): boolean =>
  [manifest, index, descriptor].some(each => Object.keys(each).length > 0)

/** The levels of a line of annotations, as buildx and docker/metadata-action write them. */
const LEVELS: Readonly<Record<string, keyof ImageAnnotations>> = {
  manifest: 'manifest',
  index: 'index',
  'manifest-descriptor': 'descriptor'
}

/** Splits a line KEY=VALUE, or says what is wrong with it. */
function keyAndValue(line: string): readonly [string, string] | string {
  const [, key = '', value = ''] = /^([^\s=]+)\s*=\s*(.*)$/s.exec(line) ?? []
  if (key === '') return `has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`
  return isReservedLabel(key)
    ? `sets ${key}: names that begin with ${RESERVED_LABELS} are flowstore's own`
    : [key, value]
}

/** Reads the option `labels`: lines KEY=VALUE. Of two with one key, the last one counts. */
export function parseLabels(text: string): {
  readonly labels: Readonly<Record<string, string>>
  readonly problems: readonly string[]
} {
  const read = textLines(text).map(keyAndValue)
  return {
    labels: Object.fromEntries(read.filter(each => typeof each !== 'string')),
    problems: read.filter(each => typeof each === 'string')
  }
}

/** The levels of a prefix such as `manifest,index`, or the first word of it that is none. */
function levelsOf(prefix: string): readonly (keyof ImageAnnotations)[] | string {
  const words = prefix.split(',').map(word => word.trim())
  const unknown = words.find(word => LEVELS[word] === undefined)
  return unknown ?? words.flatMap(word => LEVELS[word] ?? [])
}

/**
 * Reads the option `annotations`: lines KEY=VALUE, each with levels before it or without. Without, it is for the
 * manifest, and for the index of several platforms: what a tag names.
 */
export function parseAnnotations(text: string): {
  readonly annotations: ImageAnnotations
  readonly problems: readonly string[]
} {
  const annotations: Record<keyof ImageAnnotations, Record<string, string>> = {
    manifest: {},
    index: {},
    descriptor: {}
  }
  const problems: string[] = []
  for (const line of textLines(text)) {
    // A key has no colon before its first dot: `manifest,index:org.opencontainers.image.title=flows`.
    const [, prefix, rest = line] = /^([a-z,\s-]+(?:\[[^\]]*\])?):(.*)$/s.exec(line) ?? []
    const levels = prefix === undefined ? (['manifest', 'index'] as const) : levelsOf(prefix)
    const read = keyAndValue(rest.trim())
    if (typeof levels === 'string') {
      problems.push(
        `has the level '${levels}'; the levels are ${Object.keys(LEVELS).join(', ')}, without a platform`
      )
    } else if (typeof read === 'string') problems.push(read)
    else for (const level of levels) annotations[level][read[0]] = read[1]
  }
  return { annotations, problems }
}
