import type { BuildKwargs } from '../docker/build-kwargs.js'
import { FlowstoreError } from '../errors.js'
import { isOneLine } from '../util/text.js'
import type { RawOptions } from './options.js'
import type { OptionKey, Schema } from './schema.js'
import { optionKey, optionName, unknownOption, OPTION_NAMES, ENTRIES } from './values/names.js'

/** Options of several values: a list, or a text with one value per line. */
type Lines = string | readonly string[]

/** What an option of the schema takes in the library. */
type Given<Key extends OptionKey> = Schema[Key] extends { readonly pairs: string }
  ? Lines | Readonly<Record<string, string>>
  : Schema[Key] extends { readonly kind: 'lines' }
    ? Lines
    : Schema[Key] extends { readonly kind: 'boolean' }
      ? boolean
      : Schema[Key] extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : Key extends 'buildKwargs'
          ? string | BuildKwargs
          : string

/**
 * The options of `buildStorage`: those of the Action and the CLI, by their names in camelCase. `envVars` and `files`
 * may be records, `buildKwargs` an object. Each has the default that `docs/options.md` gives.
 */
export type BuildStorageOptions = {
  readonly [Key in OptionKey]?: Given<Key> | undefined
} & { readonly flows: Lines }

/**
 * Turns options into the texts that the Action and the CLI read.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION for a value of several lines in a list or a record
 */
export function rawOptions(options: BuildStorageOptions): RawOptions {
  const texts = Object.entries(options).map(([key, value]) => {
    const name = optionName(key as OptionKey)
    if (optionKey(name) === undefined) throw unknownOption(key, OPTION_NAMES)
    return [name, value === undefined ? undefined : optionText(key as OptionKey, value)] as const
  })
  return Object.fromEntries(texts)
}

function optionText(key: OptionKey, value: string | boolean | readonly string[] | object): string {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  if (isList(value)) return oneLineEach(key, value)
  const { pairs } = ENTRIES[key]
  if (pairs === undefined) return JSON.stringify(value)
  return oneLineEach(
    key,
    Object.entries(value as Readonly<Record<string, string>>).map(
      ([name, text]) => `${name}${pairs}${text}`
    )
  )
}

const isList = (value: object): value is readonly string[] => Array.isArray(value)

function oneLineEach(key: OptionKey, lines: readonly string[]): string {
  if (lines.every(isOneLine)) return lines.join('\n')
  throw new FlowstoreError(
    'INVALID_OPTION',
    `the option '${optionName(key)}' has a value that is not one line without control characters`
  )
}
