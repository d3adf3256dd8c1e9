import { isDeepStrictEqual } from 'node:util'
import { isTemplated } from '../templates.js'

type Schema = Readonly<Record<string, unknown>>

/** A value that a schema does not allow. */
export interface Mismatch {
  readonly path: readonly string[]
  /** What it has to be, as a clause: `must be an integer, not a string`. */
  readonly why: string
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Readonly<Record<string, { words: string; test: (value: unknown) => boolean }>> = {
  string: { words: 'a string', test: value => typeof value === 'string' },
  integer: { words: 'an integer', test: Number.isInteger },
  number: { words: 'a number', test: value => typeof value === 'number' },
  boolean: { words: 'a boolean', test: value => typeof value === 'boolean' },
  object: { words: 'an object', test: isObject },
  array: { words: 'a list', test: Array.isArray },
  null: { words: 'null', test: value => value === null }
}

const wordsOf = (value: unknown): string =>
  Object.values(TYPES).find(({ test }) => test(value))?.words ?? 'nothing'

function typeMismatch(value: unknown, type: unknown): string | undefined {
  const names = (Array.isArray(type) ? type : [type]).filter(
    (name): name is string => typeof name === 'string' && name in TYPES
  )
  if (names.length === 0 || names.some(name => TYPES[name]?.test(value))) return undefined
  return `must be ${names.map(name => TYPES[name]?.words).join(' or ')}, not ${wordsOf(value)}`
}

/** The schema behind `#/definitions/NAME` or `#/$defs/NAME`. */
function target(reference: unknown, root: Schema): Schema | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((schema, key) => (isObject(schema) ? schema[key] : undefined), root)
  return isObject(found) ? found : undefined
}

/** Most schemas inside one another. */
const DEEPEST = 50

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/**
 * The first value that a JSON schema does not allow, by types, enums, items, properties and combinations: what work
 * pools use. The server checks the rest. A text with a template may become any value, so it fits.
 *
 * @param root holds the definitions that the schema refers to
 * @param depth of this call: a schema may refer to itself
 */
export function mismatch(
  value: unknown,
  schema: unknown,
  root: Schema,
  path: readonly string[] = [],
  depth = 0
): Mismatch | undefined {
  if (!isObject(schema) || isTemplated(value) || depth > DEEPEST) return undefined
  const referred = target(schema['$ref'], root)
  if (referred !== undefined) return mismatch(value, referred, root, path, depth + 1)
  for (const each of listOf(schema['allOf'])) {
    const found = mismatch(value, each, root, path, depth + 1)
    if (found !== undefined) return found
  }
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])]
  if (choices.length > 0) {
    const results = choices.map(each => mismatch(value, each, root, path, depth + 1))
    // The choice that fits best is the one whose mismatch lies deepest.
    const [deepest] = results
      .filter(found => found !== undefined)
      .sort((one, other) => other.path.length - one.path.length)
    if (results.every(found => found !== undefined)) return deepest
  }
  const why = typeMismatch(value, schema['type'])
  if (why !== undefined) return { path, why }
  const allowed = schema['enum']
  if (Array.isArray(allowed) && !allowed.some(each => isDeepStrictEqual(each, value))) {
    return { path, why: `must be one of ${allowed.map(each => JSON.stringify(each)).join(', ')}` }
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = mismatch(item, schema['items'], root, [...path, String(index)], depth + 1)
      if (found !== undefined) return found
    }
  }
  if (!isObject(value)) return undefined
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [key, item] of Object.entries(value)) {
    const rule = properties[key] ?? schema['additionalProperties']
    if (rule === false) return { path: [...path, key], why: 'is not allowed there' }
    const found = mismatch(item, rule, root, [...path, key], depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
