import { throwAll } from '../errors.js'
import type { Notice } from '../log.js'
import { STORAGE_KINDS, type StorageKind } from '../prefect/storage-kinds.js'
import {
  attachErrors,
  changedOptions,
  loweredNames,
  missingPaths,
  prefectErrors,
  pushErrors,
  referenceErrors,
  checkErrors,
  registerErrors,
  withoutEffect
} from './checks.js'
import { platformErrors } from './platform-checks.js'
import { imageFiles, type ImageFile } from './values/image-files.js'
import type { LoadIn } from './module-rules.js'
import { optionName } from './values/names.js'
import { nonEmptyTexts, readTexts, type OptionValues, type RawOptions } from './read.js'
import { SCHEMA } from './schema.js'

export type { RawOptions } from './read.js'

/** The options of a run, read from Action inputs or CLI flags and checked. */
export interface Options extends Omit<OptionValues, 'files' | 'loadIn' | 'ignoreHealthchecks'> {
  readonly files: readonly ImageFile[]
  /** Where flows are loaded; `auto` only for docker storage. */
  readonly loadIn: LoadIn
  /** Names (in kebab-case) of the options that are set and differ from their default. */
  readonly nonDefault: readonly string[]
  /** What the log of a run says about the options. */
  readonly notices: readonly Notice[]
}

/** Resolves the default and `auto`: without an image to compare with, `auto` is the runner. */
function resolveLoadIn(loadIn: LoadIn | undefined, storage: StorageKind): LoadIn {
  if (STORAGE_KINDS[storage].flowsIn === 'image') return loadIn ?? 'image'
  return loadIn === undefined || loadIn === 'auto' ? 'runner' : loadIn
}

/**
 * Reads and checks options. Empty texts count as not set.
 *
 * @param raw texts by the options' names in kebab-case
 * @param cwd the folder that paths are relative to
 * @throws FlowstoreErrors with every error found
 */
export function checkOptions(raw: RawOptions, cwd: string): Options {
  const { texts, errors: unknown } = nonEmptyTexts(raw)
  const reading = readTexts(texts)
  const storage = reading.values.storage ?? SCHEMA.storage.absent
  const loadIn = resolveLoadIn(reading.values.loadIn, storage)
  const { files, errors: fileErrors } = imageFiles(reading.values.files ?? [], cwd)
  const errors = [
    ...unknown,
    ...(reading.kind === 'invalid' ? reading.errors : []),
    ...withoutEffect(texts, storage, loadIn),
    ...(reading.kind === 'read'
      ? [
          ...pushErrors(reading.values),
          ...attachErrors(reading.values),
          ...registerErrors(reading.values),
          ...checkErrors(reading.values),
          ...platformErrors(reading.values),
          ...referenceErrors(reading.values)
        ]
      : []),
    ...fileErrors,
    ...missingPaths(texts, cwd),
    ...prefectErrors(texts)
  ]
  throwAll(errors)
  // Without errors, every value has been read.
  const { ignoreHealthchecks, ...values } = reading.values as OptionValues
  return {
    ...values,
    files,
    loadIn,
    healthcheck: values.healthcheck && !ignoreHealthchecks,
    nonDefault: changedOptions(texts).map(optionName),
    notices: loweredNames(texts, values)
  }
}

/** Whether a boolean input of the Action is false, also among inputs that can't be read. */
export const isInputFalse = (env: RawOptions, name: string): boolean =>
  env[`INPUT_${name.toUpperCase()}`]?.trim().toLowerCase() === 'false'

/** The Action's inputs as options: variables `INPUT_` and the input's name in upper case. */
export function inputTexts(env: RawOptions): RawOptions {
  const inputs = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('INPUT_') ? [[name.slice(6).toLowerCase().replaceAll(' ', '_'), value]] : []
  )
  return Object.fromEntries(inputs) as RawOptions
}
