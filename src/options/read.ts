import { FlowstoreError } from '../errors.js'
import type * as z from '../util/schema.js'
import {
  ENTRIES,
  OPTION_KEYS,
  OPTION_NAMES,
  optionKey,
  optionName,
  unknownOption
} from './values/names.js'
import * as readers from './values/readers.js'
import type { OptionKey, Schema } from './schema.js'

/** Options as texts, by their names in kebab-case; lists have one value per line. */
export type RawOptions = Readonly<Record<string, string | undefined>>

/** The texts of the options that are set. */
export type OptionTexts = Readonly<Partial<Record<OptionKey, string>>>

type HasValue =
  { readonly default: string } | { readonly absent: string } | { readonly required: true }

/** The values that the schema's entries read from texts. */
export type OptionValues = {
  readonly [K in OptionKey]:
    z.infer<ReturnType<Schema[K]['parse']>> | (Schema[K] extends HasValue ? never : undefined)
}

/** Selects the texts that are not empty, and finds unknown names. */
export function nonEmptyTexts(raw: RawOptions): {
  readonly texts: OptionTexts
  readonly errors: readonly FlowstoreError[]
} {
  const texts: Partial<Record<OptionKey, string>> = {}
  const errors: FlowstoreError[] = []
  for (const [name, text] of Object.entries(raw)) {
    if (text === undefined || text.trim() === '') continue
    const key = optionKey(name)
    if (key === undefined) errors.push(unknownOption(name, OPTION_NAMES))
    else texts[key] = text
  }
  return { texts, errors }
}

/** The result of reading: every value, or the readable values and the errors of the others. */
export type Reading =
  | { readonly kind: 'read'; readonly values: OptionValues }
  | {
      readonly kind: 'invalid'
      readonly values: Partial<OptionValues>
      readonly errors: readonly FlowstoreError[]
    }

/** Reads each option on its own. */
export function readTexts(texts: OptionTexts): Reading {
  const values: [OptionKey, unknown][] = []
  const errors: FlowstoreError[] = []
  for (const key of OPTION_KEYS) {
    const entry = ENTRIES[key]
    const text = texts[key] ?? entry.default ?? (entry.required ? undefined : entry.absent)
    if (text === undefined) {
      if (entry.required) {
        errors.push(
          new FlowstoreError('MISSING_OPTION', `the option '${optionName(key)}' is required`, {
            hint: entry.requiredHint
          })
        )
      }
      continue
    }
    const parsed = entry.parse(readers).safeParse(text)
    if (parsed.success) values.push([key, parsed.data])
    else {
      for (const { message } of parsed.error.issues) {
        errors.push(
          new FlowstoreError('INVALID_OPTION', `the option '${optionName(key)}' ${message}`)
        )
      }
    }
  }
  // The schema's type declares what its readers return.
  const read = Object.fromEntries(values) as OptionValues
  return errors.length === 0
    ? { kind: 'read', values: read }
    : { kind: 'invalid', values: read, errors }
}
