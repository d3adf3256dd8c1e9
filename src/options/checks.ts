import { resolve } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import {
  ONE_BASE,
  PATH_MISSING,
  STORAGE_KINDS,
  type StorageKind
} from '../prefect/storage-kinds.js'
import { parseReference } from '../registry/reference.js'
import { pathError } from '../util/files.js'
import { NEEDS } from './entry.js'
import type { LoadIn } from './module-rules.js'
import { textLines } from './values/lines.js'
import { ENTRIES, OPTION_KEYS, optionName } from './values/names.js'
import type { OptionTexts, OptionValues } from './read.js'
import type { OptionKey } from './schema.js'

/** The options whose text differs from their default. */
export const changedOptions = (texts: OptionTexts): readonly OptionKey[] =>
  OPTION_KEYS.filter(key => texts[key] !== undefined && texts[key] !== ENTRIES[key].default)

/** Errors about options that would have no effect. */
export function withoutEffect(
  texts: OptionTexts,
  storage: StorageKind,
  loadIn: LoadIn
): readonly FlowstoreError[] {
  const errors = unmetNeeds(texts, storage, loadIn).map(
    ({ names, words }) =>
      new FlowstoreError('INVALID_OPTION', `${subject(names)} only with ${words}`, {
        hint: `Leave ${names.length === 1 ? 'it' : 'them'} out, or set ${words}.`
      })
  )
  const { python } = texts
  const isVersion = python !== undefined && /^\d+\.\d+$/.test(python)
  const hasBase = texts.baseImage !== undefined || texts.dockerfile !== undefined
  if (loadIn === 'image' && python !== undefined && (hasBase || !isVersion)) {
    errors.push(
      new FlowstoreError(
        'INVALID_OPTION',
        "with 'load-in: image', the option 'python' must be a version such as 3.9, without base-image or dockerfile",
        { hint: 'With base-image, flows are loaded by the Python of that image.' }
      )
    )
  }
  return errors
}

/** Options that would have no effect, and what all of them need. */
interface Unmet {
  readonly names: readonly string[]
  readonly words: string
}

/** The options that lack what they need, those with one remedy together. */
function unmetNeeds(texts: OptionTexts, storage: StorageKind, loadIn: LoadIn): Unmet[] {
  const unmet = changedOptions(texts).flatMap(key => {
    const { needs } = ENTRIES[key]
    return needs === undefined || NEEDS[needs].isMet(storage, loadIn) ? [] : [{ key, needs }]
  })
  const needsImage = unmet.some(({ needs }) => needs === 'image')
  const remedies = new Map<string, string[]>()
  for (const { key, needs } of unmet) {
    // What gives an image gives a daemon its work too.
    const { words } = NEEDS[needsImage && needs === 'daemon' ? 'image' : needs]
    remedies.set(words, [...(remedies.get(words) ?? []), optionName(key)])
  }
  return [...remedies].map(([words, names]) => ({ names, words }))
}

function subject(names: readonly string[]): string {
  const [first = '', ...others] = names
  if (others.length === 0) return `the option '${first}' works`
  const last = others.pop() ?? ''
  const list = [first, ...others].map(name => `\`${name}\``).join(', ')
  return `the options ${list} and \`${last}\` work`
}

/** Errors about a push: appending needs one. */
export function pushErrors({ storage, push, assemble }: OptionValues): readonly FlowstoreError[] {
  if (STORAGE_KINDS[storage].flowsIn !== 'image' || push || assemble !== 'append') return []
  return [
    new FlowstoreError(
      'INVALID_OPTION',
      "'assemble: append' adds the flows to an image in the registry, but 'push: false' does not change the registry",
      { hint: 'Leave out `assemble`: without a push, the Docker daemon builds the image.' }
    )
  ]
}

/** Errors about documents for the registry: without a push, or without documents, there is nothing to attach. */
export function attachErrors({
  storage,
  push,
  attach,
  sbom,
  provenance
}: OptionValues): readonly FlowstoreError[] {
  if (!attach || STORAGE_KINDS[storage].flowsIn !== 'image' || (push && (sbom || provenance))) {
    return []
  }
  const why = push
    ? "'sbom: false' and 'provenance: false' leave nothing"
    : "'push: false' leaves no image there"
  return [
    new FlowstoreError(
      'INVALID_OPTION',
      `'attach: true' attaches documents to the image in the registry, and ${why}`,
      { hint: 'Leave out `attach`.' }
    )
  ]
}

/** Errors about a registration of what changed: the user has to name what it is compared with. */
export const registerErrors = ({
  storage,
  register,
  compareWith
}: OptionValues): readonly FlowstoreError[] =>
  // Without an image, the option itself has no effect.
  register === 'all' || compareWith !== undefined || STORAGE_KINDS[storage].flowsIn !== 'image'
    ? []
    : [
        new FlowstoreError(
          'MISSING_OPTION',
          "'register: changed' requires the option 'compare-with'",
          {
            hint: 'Name a tag that the workflow moves after the registration, such as `compare-with: registered`.'
          }
        )
      ]

/** The error for a check that is both required and turned off. */
export const checkErrors = ({
  healthcheck,
  ignoreHealthchecks,
  requireCheck
}: OptionValues): readonly FlowstoreError[] =>
  (healthcheck && !ignoreHealthchecks) || requireCheck === 'any'
    ? []
    : [
        new FlowstoreError(
          'INVALID_OPTION',
          "'require-check: image' asks for the healthcheck, which 'healthcheck: false' turns off",
          { hint: 'Leave out one of the two.' }
        )
      ]

/** Whether an image is to be pushed and no registry is known, neither from an option nor from modules. */
export const lacksRegistry = ({
  storage,
  push,
  registryUrl
}: Pick<OptionValues, 'storage' | 'push' | 'registryUrl'>): boolean =>
  STORAGE_KINDS[storage].flowsIn === 'image' && push && registryUrl === undefined

/** The error for {@link lacksRegistry}. */
export const missingRegistry = (): FlowstoreError =>
  new FlowstoreError('MISSING_OPTION', "the option 'registry-url' is required to push", {
    hint: 'Set registry-url to the registry to push to, or set push: false.'
  })

/** Errors about names of images. */
export function referenceErrors({
  registryUrl,
  baseImage
}: Pick<OptionValues, 'registryUrl' | 'baseImage'>): readonly FlowstoreError[] {
  const references = [
    { name: 'registry-url', value: registryUrl, reference: `${registryUrl ?? ''}/name` },
    { name: 'base-image', value: baseImage, reference: baseImage ?? '' }
  ]
  return references.flatMap(({ name, value, reference }) => {
    if (value === undefined) return []
    try {
      parseReference(reference)
      return []
    } catch (error) {
      if (!(error instanceof FlowstoreError)) throw error
      return new FlowstoreError(
        'INVALID_REFERENCE',
        `the option '${name}' is not an image reference: '${value}'`,
        { hint: error.hint }
      )
    }
  })
}

/**
 * A notice for each name of an image that was written in upper case: a registry accepts only lower case, and expressions
 * of GitHub can't change the case of the owner's name.
 */
export const loweredNames = (
  texts: OptionTexts,
  values: Pick<OptionValues, 'registryUrl' | 'imageName' | 'baseImage'>
): readonly Notice[] =>
  (['registryUrl', 'imageName', 'baseImage'] as const).flatMap(key => {
    const text = texts[key]?.trim().replace(/\/+$/, '')
    const value = values[key]
    if (value === undefined || text === value) return []
    return {
      level: 'notice',
      message: `the option ${optionName(key)} is used in lower case, as registries require: ${value}`
    }
  })

/** Errors about paths that do not exist, can't be read, or are a folder where a file has to be. */
export const missingPaths = (texts: OptionTexts, cwd: string): readonly FlowstoreError[] =>
  OPTION_KEYS.flatMap(key => {
    const { mustExist } = ENTRIES[key]
    if (mustExist === undefined) return []
    const { name, kind } = mustExist
    return textLines(texts[key] ?? '').flatMap(
      path =>
        pathError(resolve(cwd, path), `the ${name} '${path}'`, `Looked in ${cwd}.`, kind) ?? []
    )
  })

/** Errors about combinations that Prefect refuses, in Prefect's words. */
export function prefectErrors(texts: OptionTexts): readonly FlowstoreError[] {
  const errors: FlowstoreError[] = []
  if (texts.dockerfile !== undefined && texts.baseImage !== undefined) {
    errors.push(new FlowstoreError('INVALID_OPTION', ONE_BASE))
  }
  if (texts.storedAsScript?.trim().toLowerCase() === 'true' && texts.path === undefined) {
    errors.push(new FlowstoreError('MISSING_OPTION', PATH_MISSING))
  }
  return errors
}
