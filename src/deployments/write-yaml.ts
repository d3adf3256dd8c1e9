import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Json, JsonObject } from './yaml.js'

/** Keys that stand without quotes: no parser of YAML 1.1 takes them for anything else than text. */
const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z_][\w.-]*$/i

/** Characters that PyYAML reads as line breaks, or refuses if they are not escaped. */
const TO_ESCAPE = /[\u007f-\u009f\u2028\u2029\ufeff]/g
const NOT_IN_BLOCK = /[^\n -~\u00a0-\u2027\u202a-\ufefe\uff00-\ufffd]/

/**
 * A value as YAML that PyYAML and every other parser read the same: each text is in quotes, or a block if it has several
 * lines. There are no anchors.
 */
export function writeYaml(value: JsonObject): string {
  // With this schema, the library writes each scalar as it is given.
  const document = new Document(null, { schema: 'failsafe' })
  document.contents = nodeOf(value)
  const text = document.toString({ lineWidth: 0, doubleQuotedAsJSON: true })
  return text.replace(
    TO_ESCAPE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

function nodeOf(value: Json): Scalar | YAMLSeq | YAMLMap {
  if (Array.isArray(value)) {
    const list = new YAMLSeq()
    list.items = value.map(nodeOf)
    return list
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap()
    map.items = Object.entries(value as JsonObject).map(
      ([key, one]) =>
        new Pair(scalar(key, PLAIN_KEY.test(key) ? 'PLAIN' : 'QUOTE_DOUBLE'), nodeOf(one))
    )
    return map
  }
  if (typeof value === 'string')
    return scalar(value, isBlock(value) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE')
  // PyYAML reads 1e+21 as text, and 1.0e+21 as a number.
  return scalar(String(value).replace(/^(-?\d+)e/, '$1.0e'), 'PLAIN')
}

function scalar(text: string, type: Scalar.Type): Scalar {
  const node = new Scalar(text)
  node.type = type
  return node
}

/** Whether a text of several lines can stand as a block, with nothing that a parser would change. */
const isBlock = (text: string): boolean =>
  text.includes('\n') &&
  !NOT_IN_BLOCK.test(text) &&
  !/^\s|[ \t]\n|[ \t]$|\n\n$/.test(text) &&
  text.trim() !== ''
