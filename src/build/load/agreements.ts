import { FlowstoreError } from '../../errors.js'
import type { FlowWithStorage } from '../../flows/flow.js'
import type { Notice } from '../../log.js'
import * as rules from '../../options/module-rules.js'
import type { Options } from '../../options/options.js'
import { ENTRIES, OPTION_KEYS, optionName, prefectName } from '../../options/values/names.js'
import type { OptionKey } from '../../options/schema.js'
import type { StorageKind } from '../../prefect/storage-kinds.js'
import { readParameter, storageOfKind } from './module-parameter.js'

/** The options that are taken from modules only if all of them set the same value. */
type AgreedKey = 'registryUrl' | 'imageName'

const isAgreedKey = (key: OptionKey): key is AgreedKey =>
  ENTRIES[key].module?.(rules).merge === 'agree'

const AGREED_KEYS = OPTION_KEYS.filter(isAgreedKey)

/** Whether the modules have to agree on an option: no option sets it. */
export const needsAgreement = (key: OptionKey, { nonDefault }: Options): boolean =>
  isAgreedKey(key) && !nonDefault.includes(optionName(key))

/** What the modules agree on, and an error for each option that they don't agree on. */
export interface Agreements {
  readonly values: Readonly<Partial<Record<AgreedKey, string>>>
  readonly notices: readonly Notice[]
  readonly errors: readonly FlowstoreError[]
}

/**
 * Where an image is pushed is one decision for all flows. Without an option, it is taken from the modules if
 * each of them sets the same value; a single module can't decide for the others. This protects from mistakes. Modules
 * are loaded together, so an attacker's can make the others seem to agree: against that, the options decide.
 *
 * @param flows that are stored in the image
 */
export function agreements(options: Options, flows: readonly FlowWithStorage[]): Agreements {
  const values: Partial<Record<AgreedKey, string>> = {}
  const notices: Notice[] = []
  const errors: FlowstoreError[] = []
  for (const key of AGREED_KEYS.filter(agreed => needsAgreement(agreed, options))) {
    const settings = flows.map(flow => settingOf(key, flow, options.storage))
    const invalid = settings.flatMap(({ flow, problem }) =>
      problem === undefined ? [] : [invalidSetting(key, flow, problem)]
    )
    const [value, ...others] = new Set(settings.map(setting => setting.value))
    if (invalid.length > 0) errors.push(...invalid)
    else if (others.length === 0 && value !== undefined) {
      values[key] = value
      notices.push({ level: 'notice', message: takenText(key, value) })
    } else if (others.length > 0 && (key !== 'registryUrl' || options.push)) {
      errors.push(disagreement(key, settings))
    }
  }
  return { values, notices, errors }
}

/** What a flow's module sets. */
interface Setting {
  readonly flow: FlowWithStorage
  /** Undefined if it sets none, or one that the option can't have. */
  readonly value: string | undefined
  /** Why the option can't have its value, as a clause. */
  readonly problem?: string | undefined
}

function settingOf(key: AgreedKey, flow: FlowWithStorage, kind: StorageKind): Setting {
  const text = storageOfKind(flow, kind)?.options[prefectName(key)]
  if (text === undefined || text === '') return { flow, value: undefined }
  if (typeof text !== 'string') {
    return { flow, value: undefined, problem: `its ${prefectName(key)} is not text` }
  }
  const read = readParameter(key, text)
  return read.kind === 'value'
    ? { flow, value: String(read.value) }
    : { flow, value: undefined, problem: read.problem }
}

const invalidSetting = (
  key: AgreedKey,
  { name, module, line }: FlowWithStorage,
  problem: string
): FlowstoreError =>
  new FlowstoreError('STORAGE_INVALID', `flow "${name}": ${problem}`, {
    file: module,
    line,
    hint: `Correct it, or set the option ${optionName(key)}: it wins over the modules.`
  })

const takenText = (key: AgreedKey, value: string): string =>
  `${prefectName(key)} ${value} is taken from the modules, which all set it; with the option ${optionName(key)}, flows are looked up before they are loaded`

/** Flows that are named for one value. */
const MOST_FLOWS = 3

function disagreement(key: AgreedKey, settings: readonly Setting[]): FlowstoreError {
  const lines = [...new Set(settings.map(setting => setting.value))].map(value => {
    const flows = settings.filter(setting => setting.value === value).map(({ flow }) => flow)
    const named = flows
      .slice(0, MOST_FLOWS)
      .map(({ name, module, line }) => `flow "${name}" (${module}:${line})`)
    const more = flows.length > MOST_FLOWS ? [`${flows.length - MOST_FLOWS} more`] : []
    return `${value ?? 'not set'}: ${[...named, ...more].join(', ')}`
  })
  const first = settings.find(({ value }) => value !== undefined)?.flow
  return new FlowstoreError(
    'STORAGE_CONFLICT',
    `the modules don't agree on ${prefectName(key)}, which is one for all flows of the image`,
    {
      file: first?.module,
      line: first?.line,
      detail: lines.join('\n'),
      hint: `Set the option ${optionName(key)}: it wins over the modules.`
    }
  )
}
