import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
  type Document,
  type Node as YamlLibraryNode,
  type YAMLMap
} from 'yaml'
import type { Json, JsonObject } from '../util/json.js'
import { FlowstoreError } from '../errors.js'

/** Where a value stands in a file of the user. */
export interface Place {
  /** The path as the user knows it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

export type { Json, JsonObject }

/** A value of a YAML file, with its place. Aliases and merge keys are resolved. */
export type YamlNode = YamlMap | YamlList | YamlScalar

export interface YamlMap {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, YamlEntry>
}

interface YamlEntry {
  /** The place of the key. */
  readonly place: Place
  readonly value: YamlNode
  /** Whether an anchor stands in the value. */
  readonly anchored: boolean
}

interface YamlList {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly YamlNode[]
}

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly place: Place
  readonly value: string | number | boolean | null
  /** The text as it stands in the file, without quotes. */
  readonly text: string
}

/** Aliases of aliases can make a small file huge. */
const MOST_NODES = 200_000

/**
 * The value of a YAML text. Plain scalars are read as PyYAML reads them, since Prefect does: `yes` is true, `1e3` and
 * `01:30` are text. Dates stay text.
 *
 * @param file the path for errors
 * @throws FlowstoreError PREFECT_FILE with line and column, if the text is not YAML or Prefect could not read it
 */
export function readYaml(text: string, file: string): YamlNode {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: false,
    uniqueKeys: (one, other) =>
      isScalar(one) && isScalar(other) && one.value === other.value && one.value !== '<<'
  })
  const [problem] = document.errors
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw invalid({ file, line, column: col }, yamlProblem(problem.code, problem.message))
  }
  return new Reader(document, lines, file).read(document.contents)
}

const HINT = 'Correct the file; a linter such as yamllint shows what is meant.'

const invalid = (place: Place, problem: string, hint = HINT): FlowstoreError =>
  new FlowstoreError(
    'PREFECT_FILE',
    `${place.file} is not valid YAML at line ${place.line}, column ${place.column}: ${problem}`,
    { file: place.file, line: place.line, hint }
  )

const yamlProblem = (code: string, message: string): string =>
  code === 'MULTIPLE_DOCS'
    ? 'it holds several documents, and Prefect reads one'
    : code === 'DUPLICATE_KEY'
      ? 'the same key stands twice in one mapping'
      : message.replace(/\s+/g, ' ')

class Reader {
  /** What stands at each anchor; null while it is read. */
  private readonly anchors = new Map<YamlLibraryNode, YamlNode | null>()
  private nodes = 0

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    private readonly file: string
  ) {}

  read(node: unknown): YamlNode {
    this.nodes += 1
    const place = this.placeOf(node)
    if (this.nodes > MOST_NODES) {
      throw invalid(place, `its aliases make more than ${MOST_NODES} values`)
    }
    if (isAlias(node)) return this.alias(node, place)
    if (isMap(node)) return this.anchored(node, () => this.map(node, place))
    if (isSeq(node)) {
      return this.anchored(node, () => ({
        kind: 'list',
        place,
        items: node.items.map(item => this.read(item))
      }))
    }
    if (isScalar(node)) return this.scalar(node, place)
    return { kind: 'scalar', place, value: null, text: '' }
  }

  private anchored(node: YamlLibraryNode & { anchor?: string }, read: () => YamlNode): YamlNode {
    this.anchors.set(node, null)
    const value = read()
    this.anchors.set(node, value)
    return value
  }

  private alias(node: YamlLibraryNode & { source: string }, place: Place): YamlNode {
    const target = isAlias(node) ? node.resolve(this.document) : undefined
    if (target === undefined) throw invalid(place, `there is no anchor '${node.source}' before it`)
    if (this.anchors.get(target) === null) {
      throw invalid(place, `the alias '${node.source}' stands in its own anchor`)
    }
    return this.read(target)
  }

  private map(node: YAMLMap, place: Place): YamlMap {
    const merged = new Map<string, YamlEntry>()
    const own = new Map<string, YamlEntry>()
    for (const pair of node.items) {
      const { key, value } = pair
      if (!isPair(pair) || !isScalar(key)) {
        throw invalid(this.placeOf(key), 'a key must be a text')
      }
      if (key.type === Scalar.PLAIN && key.value === '<<') {
        for (const [name, entry] of this.merges(value)) {
          if (!merged.has(name)) merged.set(name, entry)
        }
        continue
      }
      const name = this.scalar(key, this.placeOf(key))
      own.set(keyText(name), {
        place: name.place,
        value: this.read(value),
        anchored: hasAnchor(value)
      })
    }
    // An own key wins, and stands where the merged one would.
    for (const [name, entry] of own) merged.set(name, entry)
    return { kind: 'map', place, entries: merged }
  }

  /** The entries of the mappings after `<<`; the first of a name wins. */
  private merges(value: unknown): readonly (readonly [string, YamlEntry])[] {
    const node = this.read(value)
    const maps = node.kind === 'list' ? node.items : [node]
    return maps.flatMap(map => {
      if (map.kind !== 'map') {
        throw invalid(this.placeOf(value), 'only mappings can be merged with <<')
      }
      return [...map.entries].map(([name, entry]) => [name, { ...entry, anchored: false }] as const)
    })
  }

  private scalar(node: Scalar, place: Place): YamlScalar {
    const text = typeof node.value === 'string' ? node.value : ''
    const tag = node.tag === undefined ? undefined : /^tag:yaml\.org,2002:(.*)$/.exec(node.tag)?.[1]
    if (node.tag !== undefined && (tag === undefined || !TAGS.has(tag))) {
      throw invalid(place, `Prefect can't read the tag '${node.tag}'`, 'Remove the tag.')
    }
    const isPlain = node.type === Scalar.PLAIN || node.type === undefined
    const isTyped = tag === undefined ? isPlain : tag !== 'str'
    return { kind: 'scalar', place, value: isTyped ? plainValue(text) : text, text }
  }

  private placeOf(node: unknown): Place {
    const range = (node as { range?: readonly [number, number, number] | null } | null)?.range
    const { line, col } = this.lines.linePos(range?.[0] ?? 0)
    return { file: this.file, line, column: col }
  }
}

/** Tags that PyYAML's safe loader resolves to what JSON can hold. */
const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'timestamp', 'seq', 'map'])

const keyText = ({ value, text }: YamlScalar): string =>
  typeof value === 'string' ? value : value === null ? 'null' : text

function hasAnchor(node: unknown): boolean {
  if (isAlias(node)) return false
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) return true
  if (isMap(node)) return node.items.some(({ value }) => hasAnchor(value))
  return isSeq(node) && node.items.some(hasAnchor)
}

// The patterns of PyYAML's resolver.
const BOOLEANS =
  /^(?:(yes|Yes|YES|true|True|TRUE|on|On|ON)|no|No|NO|false|False|FALSE|off|Off|OFF)$/
const NULL = /^(?:~|null|Null|NULL|)$/
const INTEGER =
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** The value of a plain scalar, as PyYAML reads it. */
function plainValue(text: string): string | number | boolean | null {
  if (NULL.test(text)) return null
  const boolean = BOOLEANS.exec(text)
  if (boolean) return boolean[1] !== undefined
  if (!INTEGER.test(text) && !FLOAT.test(text)) return text
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '').toLowerCase()
  const sign = text.startsWith('-') ? -1 : 1
  if (digits === '.nan') return NaN
  if (digits === '.inf') return sign * Infinity
  if (digits.includes(':')) {
    return sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  }
  if (INTEGER.test(text) && /^0[0-7]/.test(digits)) return sign * parseInt(digits, 8)
  return sign * Number(digits)
}

/** The value of a node as JSON has it. */
export function jsonOf(node: YamlNode): Json {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(jsonOf)
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, jsonOf(value)]))
}

/** The value of a key, if the node is a mapping that has it. */
export const valueOf = (node: YamlNode | undefined, key: string): YamlNode | undefined =>
  node?.kind === 'map' ? node.entries.get(key)?.value : undefined

/** Whether a node is absent or null. */
export const isNull = (
  node: YamlNode | undefined
): node is undefined | (YamlScalar & { value: null }) =>
  node === undefined || (node.kind === 'scalar' && node.value === null)
