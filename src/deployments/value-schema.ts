import { isDeepStrictEqual } from 'node:util'
import { isTemplated } from './templates.js'

type Values = Readonly<Record<string, unknown>>

/** A part of a value that a JSON schema does not allow. */
export interface Mismatch {
  /** Keys and indexes that lead to it. */
  readonly path: readonly string[]
  /** What is wrong: its type, its value, its size, a field that the schema does not have, or the lack of one. */
  readonly kind: 'type' | 'value' | 'bound' | 'extra' | 'missing'
  /** What it must be, in words; the name of a field that is not there. */
  readonly must: string
  readonly value: unknown
}

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const TYPES: Readonly<Record<string, { words: string; test: (value: unknown) => boolean }>> = {
  null: { words: 'null', test: value => value === null },
  string: { words: 'text', test: value => typeof value === 'string' },
  integer: { words: 'an integer', test: Number.isInteger },
  number: { words: 'a number', test: value => typeof value === 'number' },
  boolean: { words: 'true or false', test: value => typeof value === 'boolean' },
  array: { words: 'a list', test: Array.isArray },
  object: { words: 'a mapping', test: isObject }
}

/** The type of a value, in words. */
export const typeWords = (value: unknown): string =>
  typeof value === 'boolean'
    ? 'a boolean'
    : (Object.values(TYPES).find(({ test }) => test(value))?.words ?? 'nothing')

/** A reference to a block, or a value that Prefect makes: `{$ref: …}`, `{__prefect_kind: …}`. */
const isReference = (value: unknown): boolean =>
  isObject(value) && ('$ref' in value || '__prefect_kind' in value)

/** What a reference such as `#/definitions/Order` refers to. */
function referred(reference: string, root: Values): unknown {
  const keys = reference.replace(/^#\/?/, '').split('/')
  return keys.reduce<unknown>((value, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
    return isObject(value) ? value[name] : undefined
  }, root)
}

const typesOf = ({ type }: Values): readonly string[] =>
  [type].flat().filter((name): name is string => typeof name === 'string')

const oneOfWords = (values: readonly unknown[]): string =>
  `one of ${values.map(each => JSON.stringify(each)).join(', ')}`

const typesWords = (types: readonly string[]): string =>
  types.map(type => TYPES[type]?.words ?? type).join(' or ')

/** What a schema allows, in words. */
function schemaWords(schema: unknown, root: Values): string {
  const { $ref, enum: values, ...rest } = isObject(schema) ? schema : {}
  if (typeof $ref === 'string') {
    const target = referred($ref, root)
    return isObject(target) && typeof target['$ref'] !== 'string'
      ? schemaWords(target, root)
      : 'something else'
  }
  return Array.isArray(values) ? oneOfWords(values) : typesWords(typesOf(rest)) || 'something else'
}

// What a bound of a schema compares; undefined for a value that it says nothing about.
const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)
const lengthOf = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined)
const countOf = (value: unknown) => (Array.isArray(value) ? value.length : undefined)

const isLeast = (size: number, bound: number) => size >= bound
const isMost = (size: number, bound: number) => size <= bound

/** The bounds of a schema: what they compare, how, and in words. */
const BOUNDS: readonly (readonly [
  keyword: string,
  sizeOf: (value: unknown) => number | undefined,
  isWithin: (size: number, bound: number) => boolean,
  words: (bound: number) => string
])[] = [
  ['minimum', numberOf, isLeast, bound => `at least ${bound}`],
  ['maximum', numberOf, isMost, bound => `at most ${bound}`],
  ['exclusiveMinimum', numberOf, (size, bound) => size > bound, bound => `greater than ${bound}`],
  ['exclusiveMaximum', numberOf, (size, bound) => size < bound, bound => `less than ${bound}`],
  ['minLength', lengthOf, isLeast, bound => `at least ${bound} characters long`],
  ['maxLength', lengthOf, isMost, bound => `at most ${bound} characters long`],
  ['minItems', countOf, isLeast, bound => `a list of at least ${bound} items`],
  ['maxItems', countOf, isMost, bound => `a list of at most ${bound} items`]
]

/** The first bound of a schema that a value is not within, in words. */
function outsideWords(value: unknown, schema: Values): string | undefined {
  for (const [keyword, sizeOf, isWithin, words] of BOUNDS) {
    const [size, bound] = [sizeOf(value), schema[keyword]]
    if (size === undefined || typeof bound !== 'number') continue
    if (!isWithin(size, bound)) return words(bound)
  }
  return undefined
}

/** Deeper schemas are not followed: a schema can refer to itself. */
const DEEPEST = 32

/** How deep a mismatch lies: the lack of a field is one of its value's inside. */
const depthOf = ({ path, kind }: Mismatch): number => path.length + (kind === 'missing' ? 1 : 0)

/** How a value is compared with a schema. */
export interface SchemaCheck {
  /** Holds the definitions that the schema refers to. */
  readonly root: Values
  /** Whether the fields that the schema requires must be there. */
  readonly requires: boolean
}

/**
 * The first part of a value that a JSON schema does not allow, by types, enums, constants, bounds, items, properties and
 * combinations: what flows and work pools use. The server checks the rest. A text with a template and a reference to a
 * block may become any value, so they fit.
 *
 * @param path of the value
 * @param depth of this call
 */
export function mismatch(
  value: unknown,
  schema: unknown,
  check: SchemaCheck,
  path: readonly string[] = [],
  depth = 0
): Mismatch | undefined {
  const { root } = check
  if (!isObject(schema) || depth > DEEPEST || isTemplated(value) || isReference(value)) {
    return undefined
  }
  const { $ref, allOf, anyOf, oneOf, enum: values } = schema
  if (typeof $ref === 'string') {
    return mismatch(value, referred($ref, root), check, path, depth + 1)
  }
  for (const part of listOf(allOf)) {
    const found = mismatch(value, part, check, path, depth + 1)
    if (found !== undefined) return found
  }
  const choices = [...listOf(anyOf), ...listOf(oneOf)]
  if (choices.length > 0) {
    const found = choices.map(part => mismatch(value, part, check, path, depth + 1))
    if (!found.includes(undefined)) {
      // The choice that fits best is the one whose mismatch lies deepest.
      const [deepest] = found
        .filter(each => each !== undefined)
        .sort((one, other) => depthOf(other) - depthOf(one))
      if (deepest !== undefined && depthOf(deepest) > path.length) return deepest
      const outside = found.find(each => each?.kind === 'bound')
      if (outside !== undefined) return outside
      const kind = found.some(each => each?.kind === 'value') ? 'value' : 'type'
      const words = [...new Set(choices.map(part => schemaWords(part, root)))]
      return { path, kind, must: words.join(' or '), value }
    }
  }
  if (Array.isArray(values) && !values.some(each => isDeepStrictEqual(each, value))) {
    return { path, kind: 'value', must: oneOfWords(values), value }
  }
  if (schema['const'] !== undefined && !isDeepStrictEqual(schema['const'], value)) {
    return { path, kind: 'value', must: JSON.stringify(schema['const']), value }
  }
  const types = typesOf(schema)
  if (types.length > 0 && !types.some(type => TYPES[type]?.test(value) ?? true)) {
    return { path, kind: 'type', must: typesWords(types), value }
  }
  const must = outsideWords(value, schema)
  if (must !== undefined) return { path, kind: 'bound', must, value }
  return within(value, schema, check, path, depth)
}

/** The first mismatch of the parts of a value. */
function within(
  value: unknown,
  schema: Values,
  check: SchemaCheck,
  path: readonly string[],
  depth: number
): Mismatch | undefined {
  for (const [index, item] of listOf(value).entries()) {
    const found = mismatch(item, schema['items'], check, [...path, String(index)], depth + 1)
    if (found !== undefined) return found
  }
  if (!isObject(value)) return undefined
  const { additionalProperties } = schema
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [key, item] of Object.entries(value)) {
    const isKnown = Object.hasOwn(properties, key)
    const inner = [...path, key]
    if (!isKnown && additionalProperties === false) {
      return { path: inner, kind: 'extra', must: key, value: item }
    }
    const part = isKnown ? properties[key] : additionalProperties
    const found = mismatch(item, part, check, inner, depth + 1)
    if (found !== undefined) return found
  }
  const missing = check.requires
    ? listOf(schema['required']).find(key => typeof key === 'string' && !Object.hasOwn(value, key))
    : undefined
  return typeof missing === 'string' ? { path, kind: 'missing', must: missing, value } : undefined
}

/** A mismatch as a clause without the value, which may be secret: `must be an integer, not text`. */
export function mismatchText({ kind, must, value }: Mismatch): string {
  if (kind === 'extra') return 'is not allowed there'
  if (kind === 'missing') return `has no field '${must}', which it needs`
  return kind === 'type' ? `must be ${must}, not ${typeWords(value)}` : `must be ${must}`
}
