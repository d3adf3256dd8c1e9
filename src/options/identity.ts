import * as rules from './module-rules.js'
import { sameJson } from './module-rules.js'
import { ENTRIES, OPTION_KEYS, optionName } from './names.js'
import type { Options } from './options.js'
import type { OptionKey } from './schema.js'

/** An option that {@link Options} has; `ignoreHealthchecks` is part of `healthcheck` there. */
export type OptionField = Exclude<OptionKey, 'ignoreHealthchecks'>

const isField = (key: OptionKey): key is OptionField => key !== 'ignoreHealthchecks'

const FIELDS = OPTION_KEYS.filter(isField)

/** Whether two sets of options make the same environment image. */
export const sameEnvironment = (one: Options, other: Options): boolean =>
  FIELDS.filter(key => ENTRIES[key].environment).every(key => sameJson(one[key], other[key]))

/**
 * Names (in kebab-case, sorted) of the given options that win over what a module says of its own
 * storage; `storage` itself has flows of other storages stored here.
 */
export const overModules = ({ given }: Options): readonly string[] =>
  FIELDS.filter(key => key === 'storage' || ENTRIES[key].module?.(rules).merge === 'replace')
    .map(optionName)
    .filter(name => given.includes(name))
    .sort()

/** The part of the options that decides what becomes of the flows in a given environment image. */
export interface FlowKeyOptions {
  readonly values: Readonly<Record<string, unknown>>
  /** See {@link overModules}. */
  readonly overModules: readonly string[]
}

/** What an image's key has to have of the options, beside the key of the environment image; plain JSON. */
export function flowKeyOptions(options: Options): FlowKeyOptions {
  const values = FIELDS.flatMap(key => {
    const value = ENTRIES[key].flowKey?.(options[key], options.loadIn)
    return value === undefined ? [] : [[key, value] as const]
  })
  return { values: Object.fromEntries(values), overModules: overModules(options) }
}
