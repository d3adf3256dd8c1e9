import { isDeepStrictEqual } from 'node:util'
import { nearest } from '../../util/text.js'
import { isTemplated } from '../templates.js'
import {
  jsonOf,
  type Json,
  type JsonObject,
  type Place,
  type YamlMap,
  type YamlNode
} from '../yaml.js'

/** Something wrong with a parameter. */
export interface ParameterProblem {
  readonly place: Place
  readonly message: string
  readonly hint?: string | undefined
  /** Whether only the value's type is wrong, which Prefect may convert if it does not enforce the schema. */
  readonly isType: boolean
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with parameters, by the schema of a flow. */
export function parameterProblems(parameters: YamlMap, schema: JsonObject): ParameterProblem[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const names = Object.keys(properties)
  const problems: ParameterProblem[] = []
  for (const [name, { place, value }] of parameters.entries) {
    if (!Object.hasOwn(properties, name)) {
      const near = nearest(name, names)
      problems.push({
        place,
        message: `the flow has no parameter '${name}'`,
        hint:
          near === undefined
            ? names.length === 0
              ? 'It has no parameters.'
              : `It has ${names.join(', ')}.`
            : `Did you mean '${near}'?`,
        isType: false
      })
      continue
    }
    const property = properties[name]
    if (jsonOf(value) === null && isOptional(name, property, schema)) continue
    const wrong = mismatch(value, property, schema, `'${name}'`, 0)
    if (wrong !== undefined) problems.push(wrong)
  }
  return problems
}

/** Pydantic 1 has no null in the schema of `str | None = None`: it is neither required, nor has it a default. */
const isOptional = (name: string, property: Json | undefined, schema: JsonObject): boolean =>
  isObject(property) &&
  (property.default === undefined || property.default === null) &&
  !list(schema.required).includes(name)

/** The parameters that a flow needs and that nothing gives. */
export function missingParameters(given: readonly string[], schema: JsonObject): readonly string[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return required.filter(
    (name): name is string => typeof name === 'string' && !given.includes(name)
  )
}

/** Deeper schemas are not followed: a schema can refer to itself. */
const DEEPEST = 32

function mismatch(
  node: YamlNode,
  schema: Json | undefined,
  root: JsonObject,
  name: string,
  depth: number
): ParameterProblem | undefined {
  const value = jsonOf(node)
  const wrong = (what: string): ParameterProblem => ({
    place: node.place,
    message: `the parameter ${name} must be ${what}, and is ${described(value)}`,
    isType: true
  })
  // Prefect fills templates, and replaces references to blocks.
  if (!isObject(schema) || depth > DEEPEST || isTemplated(value) || isReference(value)) {
    return undefined
  }
  if (typeof schema.$ref === 'string') {
    return mismatch(node, referred(schema.$ref, root), root, name, depth + 1)
  }
  const { allOf, anyOf, oneOf } = schema
  for (const part of list(allOf)) {
    const problem = mismatch(node, part, root, name, depth + 1)
    if (problem !== undefined) return problem
  }
  const choices = [...list(anyOf), ...list(oneOf)]
  if (choices.length > 0) {
    const problems = choices.map(part => mismatch(node, part, root, name, depth + 1))
    if (!problems.includes(undefined)) {
      const words = [...new Set(choices.map(part => typeWords(part, root)))].join(' or ')
      // A place inside the value tells more than the list of what it could be.
      return problems.find(problem => problem?.place !== node.place) ?? wrong(words)
    }
  }
  if (Array.isArray(schema.enum) && !schema.enum.some(one => isDeepStrictEqual(one, value))) {
    return wrong(`one of ${schema.enum.map(one => JSON.stringify(one)).join(', ')}`)
  }
  if (schema.const !== undefined && !isDeepStrictEqual(schema.const, value)) {
    return wrong(JSON.stringify(schema.const))
  }
  const types = [schema.type].flat().filter(type => typeof type === 'string')
  if (types.length > 0 && !types.some(type => isOfType(value, type))) {
    return wrong(types.map(type => WORDS[type] ?? type).join(' or '))
  }
  return withinProblem(node, schema, root, name, depth)
}

function withinProblem(
  node: YamlNode,
  schema: JsonObject,
  root: JsonObject,
  name: string,
  depth: number
): ParameterProblem | undefined {
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      const problem = mismatch(item, schema.items, root, `${name}[${index}]`, depth + 1)
      if (problem !== undefined) return problem
    }
  }
  if (node.kind !== 'map') return undefined
  const properties = isObject(schema.properties) ? schema.properties : {}
  for (const [key, { place, value }] of node.entries) {
    const inner = `${name}.${key}`
    if (schema.additionalProperties === false && !Object.hasOwn(properties, key)) {
      return { place, message: `the parameter ${name} has no field '${key}'`, isType: true }
    }
    const part = Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties
    const problem = mismatch(value, part, root, inner, depth + 1)
    if (problem !== undefined) return problem
  }
  const missing = list(schema.required).find(
    key => typeof key === 'string' && !node.entries.has(key)
  )
  return typeof missing === 'string'
    ? {
        place: node.place,
        message: `the parameter ${name} has no field '${missing}', which it needs`,
        isType: true
      }
    : undefined
}

const list = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : []

/** What a reference such as `#/definitions/Order` refers to. */
function referred(reference: string, root: JsonObject): Json | undefined {
  const keys = reference.replace(/^#\/?/, '').split('/')
  return keys.reduce<Json | undefined>(
    (value, key) =>
      isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined,
    root
  )
}

/** A reference to a block, or a value that Prefect makes: `{$ref: …}`, `{__prefect_kind: …}`. */
const isReference = (value: Json): boolean =>
  isObject(value) && ('$ref' in value || '__prefect_kind' in value)

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type
    default:
      return true
  }
}

const WORDS: Readonly<Record<string, string>> = {
  null: 'null',
  integer: 'an integer',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping'
}

function typeWords(schema: Json | undefined, root: JsonObject): string {
  if (!isObject(schema)) return 'something else'
  if (typeof schema.$ref === 'string') return typeWords(referred(schema.$ref, root), root)
  if (Array.isArray(schema.enum))
    return `one of ${schema.enum.map(one => JSON.stringify(one)).join(', ')}`
  return typeof schema.type === 'string' ? (WORDS[schema.type] ?? schema.type) : 'something else'
}

const described = (value: Json): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : isObject(value)
        ? 'a mapping'
        : typeof value === 'string'
          ? `the text ${JSON.stringify(value)}`
          : JSON.stringify(value)
