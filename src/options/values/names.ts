import { FlowstoreError } from '../../errors.js'
import { nearest } from '../../util/text.js'
import type { OptionEntry } from '../entry.js'
import { SCHEMA, type OptionKey } from '../schema.js'

/** The schema for code that treats all options alike. */
export const ENTRIES: Readonly<Record<OptionKey, OptionEntry>> = SCHEMA

export const OPTION_KEYS = Object.keys(SCHEMA) as readonly OptionKey[]

/** The public name of an option, in kebab-case: `registry-url` for `registryUrl`. */
export const optionName = (key: OptionKey): string =>
  key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

export const OPTION_NAMES = OPTION_KEYS.map(optionName)

const KEYS = new Map(OPTION_KEYS.map(key => [optionName(key), key]))

/** The option with a name in kebab-case. */
export const optionKey = (name: string): OptionKey | undefined => KEYS.get(name)

/** Prefect's parameter name of an option: `registry_url` for `registryUrl`. */
export const prefectName = (key: OptionKey): string =>
  ENTRIES[key].prefectName ?? optionName(key).replaceAll('-', '_')

/** An option's description with its default, as help and `action.yml` show it. */
export function fullDescription(key: OptionKey): string {
  const { description, defaultNote } = ENTRIES[key]
  return defaultNote === undefined ? description : `${description} Default: ${defaultNote}.`
}

/**
 * The error for an option that does not exist, with the nearest name as its hint.
 *
 * @param names the options that exist
 */
export function unknownOption(name: string, names: readonly string[]): FlowstoreError {
  const near = nearest(name, names)
  return new FlowstoreError('UNKNOWN_OPTION', `there is no option '${name}'`, {
    hint: near ? `Did you mean '${near}'?` : `The options are: ${names.join(', ')}.`
  })
}
