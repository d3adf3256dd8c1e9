import { nearest } from '../../util/text.js'
import {
  jsonOf,
  type Json,
  type JsonObject,
  type Place,
  type YamlMap,
  type YamlNode
} from '../yaml.js'
import { mismatch, typeWords, type Mismatch } from '../value-schema.js'

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
    const wrong = mismatch(jsonOf(value), property, { root: schema, requires: true })
    if (wrong !== undefined) problems.push(problemOf(name, value, wrong))
  }
  return problems
}

/** Pydantic 1 has no null in the schema of `str | None = None`: it is neither required, nor has it a default. */
const isOptional = (name: string, property: Json | undefined, schema: JsonObject): boolean =>
  isObject(property) &&
  (property.default === undefined || property.default === null) &&
  !(Array.isArray(schema.required) && schema.required.includes(name))

/** The parameters that a flow needs and that nothing gives. */
export function missingParameters(given: readonly string[], schema: JsonObject): readonly string[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return required.filter(
    (name): name is string => typeof name === 'string' && !given.includes(name)
  )
}

/** A mismatch in the words of the file, at its place there. */
function problemOf(name: string, parameter: YamlNode, { path, kind, must, value }: Mismatch) {
  const isExtra = kind === 'extra'
  let node = parameter
  let place = parameter.place
  let inner = `the parameter '${name}'`
  for (const [index, key] of path.entries()) {
    const item = node.kind === 'list' ? node.items[Number(key)] : undefined
    const entry = node.kind === 'map' ? node.entries.get(key) : undefined
    node = item ?? entry?.value ?? node
    if (isExtra && index === path.length - 1) place = entry?.place ?? place
    else {
      place = node.place
      inner += item === undefined ? `.${key}` : `[${key}]`
    }
  }
  const message = isExtra
    ? `${inner} has no field '${must}'`
    : kind === 'missing'
      ? `${inner} has no field '${must}', which it needs`
      : `${inner} must be ${must}, and is ${described(value)}`
  return { place, message, isType: true }
}

const described = (value: unknown): string =>
  typeof value === 'string'
    ? `the text ${JSON.stringify(value)}`
    : typeof value === 'object'
      ? typeWords(value)
      : JSON.stringify(value)
