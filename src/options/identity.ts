import * as rules from './module-rules.js'
import { sameJson } from './module-rules.js'
import { withoutLogins } from '../util/logins.js'
import { ENTRIES, OPTION_KEYS, optionName } from './values/names.js'
import type { Options } from './options.js'
import type { OptionKey, SCHEMA } from './schema.js'

/** A field of {@link Options}; `healthcheck` stands for `ignoreHealthchecks` too. */
export type OptionField = Exclude<OptionKey, 'ignoreHealthchecks'>

const isField = (key: OptionKey): key is OptionField => key !== 'ignoreHealthchecks'

const FIELDS = OPTION_KEYS.filter(isField)

type EnvironmentField = {
  [Key in OptionField]: (typeof SCHEMA)[Key] extends { environment: true } ? Key : never
}[OptionField]

const ENVIRONMENT_FIELDS = FIELDS.filter(
  (key): key is EnvironmentField => ENTRIES[key].environment === true
)

/** The options that affect an environment image: the fields with `environment: true` in the schema. */
export type EnvironmentOptions = Pick<Options, EnvironmentField>

/** Why flows of an image can't be loaded outside it with the same result; undefined if they can. */
export function reasonForImage(options: Options): string | undefined {
  const key = FIELDS.find(field => ENTRIES[field].needsImage !== undefined && isSet(options[field]))
  return key && ENTRIES[key].needsImage
}

const isSet = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0)

/** Whether two sets of options make the same environment image. */
export const sameEnvironment = (one: EnvironmentOptions, other: EnvironmentOptions): boolean =>
  ENVIRONMENT_FIELDS.every(key => sameJson(one[key], other[key]))

const winsOverModules = (key: OptionField): boolean =>
  ['replace', 'agree'].includes(ENTRIES[key].module?.(rules).merge ?? '')

/**
 * Names (in kebab-case, sorted) of the set options that override the storages in modules. `storage` is one of
 * them: it also applies to flows that have another storage.
 */
export const overModules = ({ nonDefault }: Options): readonly string[] =>
  FIELDS.filter(key => key === 'storage' || winsOverModules(key))
    .map(optionName)
    .filter(name => nonDefault.includes(name))
    .sort()

/** What is built and where to: what no key has, because the name of the image or the sources have it. */
const ALSO_BUILT: readonly OptionField[] = [
  'flows',
  'sources',
  'storage',
  'registryUrl',
  'imageName',
  'imageTag'
]

/**
 * The options that decide what is built, for the provenance of an image: those that are set, by their names in kebab-case,
 * as plain JSON. It has no secrets: options that no key has are left out, addresses have no login, and build arguments have
 * no values.
 */
export function builtParameters(options: Options): Readonly<Record<string, unknown>> {
  const fields = FIELDS.filter(
    key =>
      options.nonDefault.includes(optionName(key)) &&
      (ALSO_BUILT.includes(key) || ENTRIES[key].environment || ENTRIES[key].flowKey !== undefined)
  )
  const values = fields.map(key => [optionName(key), parameterOf(key, options)] as const)
  return JSON.parse(withoutLogins(JSON.stringify(Object.fromEntries(values)))) as Record<
    string,
    unknown
  >
}

function parameterOf(key: OptionField, options: Options): unknown {
  if (key === 'files') {
    return options.files.map(({ source, destination }) => `${source}:${destination}`)
  }
  if (key !== 'buildKwargs') return options[key]
  const { buildargs, ...others } = options.buildKwargs
  return buildargs === undefined ? others : { ...others, buildargs: Object.keys(buildargs) }
}

/** The options that affect the flows on an environment image. */
export interface FlowKeyOptions {
  readonly values: Readonly<Record<string, unknown>>
  /** See {@link overModules}. */
  readonly overModules: readonly string[]
}

/** The options in an image's key that are not in the key of the environment image, as plain JSON. */
export function flowKeyOptions(options: Options): FlowKeyOptions {
  const values = FIELDS.flatMap(key => {
    const value = ENTRIES[key].flowKey?.(options[key], options.loadIn)
    return value === undefined ? [] : [[key, value] as const]
  })
  return { values: Object.fromEntries(values), overModules: overModules(options) }
}
