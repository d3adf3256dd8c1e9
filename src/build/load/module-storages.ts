import { FlowstoreError } from '../../errors.js'
import type { FlowWithStorage, ModuleStorage } from '../../flows/flow.js'
import type { Notice } from '../../log.js'
import type { OptionField } from '../../options/identity.js'
import * as rules from '../../options/module-rules.js'
import type { ModuleContext, ModuleRule, Origin, Parameter } from '../../options/module-rules.js'
import { ENTRIES, OPTION_KEYS, optionName, prefectName } from '../../options/values/names.js'
import type { Options } from '../../options/options.js'
import { SCHEMA, type OptionKey, type Schema } from '../../options/schema.js'
import { kindOfClass, otherStorageText, STORAGE_KINDS } from '../../prefect/storage-kinds.js'
import * as z from '../../util/schema.js'
import { agreements, needsAgreement } from './agreements.js'
import { readParameter, storageOfKind } from './module-parameter.js'

/** The options after the storages in modules are merged into them. */
export interface Merged<F> {
  readonly options: Options
  /** Names of the Prefect secrets that the storages in modules list. */
  readonly secrets: readonly string[]
  /** The flows that go into the storage. */
  readonly flows: readonly F[]
  /** The error if there are none: each module has a storage that this project can't fill. */
  readonly noneStored: FlowstoreError | undefined
  readonly notices: readonly Notice[]
  /** The errors for `storage-conflict: error`. */
  readonly conflicts: readonly FlowstoreError[]
  /** What the modules don't agree on but must, and what of their storages can't be used. */
  readonly errors: readonly FlowstoreError[]
}

/** The options that a storage in a module may set. */
type ModuleKey = {
  readonly [K in OptionField]: Schema[K] extends { readonly module: unknown } ? K : never
}[OptionField]

/** The schema's rules, each for the value of its option. */
const RULES: {
  readonly [K in ModuleKey]: { readonly module: (merge: typeof rules) => ModuleRule<Options[K]> }
} = SCHEMA

const secretNames = z.array(z.string())

const isModuleKey = (key: OptionKey): key is ModuleKey => ENTRIES[key].module !== undefined

const MODULE_KEYS = OPTION_KEYS.filter(isModuleKey)

/** The options while the storages in modules are merged into them, one by one. */
interface Merging {
  readonly options: Options
  /** The flow that each option was taken from. */
  readonly takenFrom: ReadonlyMap<ModuleKey, string>
  /** Names of Prefect secrets, each once. */
  readonly secrets: readonly string[]
}

/** The result of one merge, and a clause for each value of the module that was not used. */
interface MergeStep {
  readonly merging: Merging
  readonly differences: readonly string[]
  readonly unusable: readonly Unusable[]
}

/** A value of a module that can't be used: the flow would not get what its module asks for. */
interface Unusable {
  /** A clause that follows `flow "name": `. */
  readonly problem: string
  readonly hint: string
}

function originOf(key: ModuleKey, { options, takenFrom }: Merging): Origin {
  if (options.nonDefault.includes(optionName(key))) return { kind: 'option' }
  const flow = takenFrom.get(key)
  return flow === undefined ? { kind: 'default' } : { kind: 'module', flow }
}

/** The option or flow that sets the base of the image in another way, as a clause; undefined if none does. */
function otherBase(key: 'baseImage' | 'dockerfile', merging: Merging): string | undefined {
  const value = merging.options[key]
  if (value === undefined) return undefined
  const flow = merging.takenFrom.get(key)
  return flow === undefined
    ? `the option ${optionName(key)} is ${value}`
    : `flow "${flow}" sets ${prefectName(key)} to ${value}`
}

/** How a person gets what a module asks for with a value that can't be used. */
const correction = (key: ModuleKey): string => {
  const { merge } = RULES[key].module(rules)
  const name = optionName(key)
  if (merge === 'files') {
    return `Correct the path. A file that an ignore file excludes is copied if the option ${name} has it too, as SOURCE:/absolute/destination.`
  }
  return merge === 'replace'
    ? `Correct it, or set the option ${name}: it wins over the modules.`
    : 'Correct it in the module.'
}

/** Merges one parameter of a storage in a module into the option of that name. */
function mergeParameter<K extends ModuleKey>(
  key: K,
  merging: Merging,
  flow: string,
  parameter: Parameter,
  context: ModuleContext
): MergeStep {
  const { insteadOf } = ENTRIES[key]
  const other = insteadOf && otherBase(insteadOf, merging)
  if (other !== undefined) {
    return {
      merging,
      differences: [`its ${parameter.name} is ${String(parameter.value)}; ${other}`],
      unusable: []
    }
  }
  const current = { value: merging.options[key], origin: originOf(key, merging) }
  const rule = RULES[key].module(rules)
  const read = readParameter(key, parameter.value)
  const {
    value,
    differences,
    unusable = []
  } = read.kind === 'problem'
    ? { value: current.value, differences: [], unusable: [read.problem] }
    : rule.apply({ ...parameter, value: read.value }, current, context)
  const isOverruled = rule.merge === 'replace' && current.origin.kind === 'option'
  const step = {
    differences: isOverruled ? [...differences, ...unusable] : differences,
    unusable: isOverruled ? [] : unusable.map(problem => ({ problem, hint: correction(key) }))
  }
  if (value === current.value) return { merging, ...step }
  const options: Options = { ...merging.options, [key]: value }
  const takenFrom = new Map(merging.takenFrom).set(key, flow)
  return { merging: { ...merging, options, takenFrom }, ...step }
}

/** Merges the storage that a module sets on a flow. It has the same type as the storage to fill. */
function mergeStorage(
  before: Merging,
  flow: string,
  { options: parameters }: ModuleStorage,
  context: ModuleContext
): MergeStep {
  let merging = before
  const differences: string[] = []
  const unusable: Unusable[] = []
  for (const key of MODULE_KEYS) {
    const name = prefectName(key)
    const value = parameters[name]
    if (value === undefined || needsAgreement(key, merging.options)) continue
    const step = mergeParameter(key, merging, flow, { name, value }, context)
    merging = step.merging
    differences.push(...step.differences)
    unusable.push(...step.unusable)
  }
  const secrets = secretNames.safeParse(parameters['secrets'] ?? [])
  if (!secrets.success) {
    const problem = `its secrets are invalid: ${z.faultText(secrets.error, parameters['secrets'])}`
    unusable.push({ problem, hint: 'Correct it in the module.' })
    return { merging, differences, unusable }
  }
  const names = new Set([...merging.secrets, ...secrets.data])
  return { merging: { ...merging, secrets: [...names] }, differences, unusable }
}

/** Merges what a module sets on a flow: image and storage. */
function mergeFlow(merging: Merging, flow: FlowWithStorage, context: ModuleContext): MergeStep {
  const { name, storage, runImage } = flow
  const differences =
    runImage !== null && STORAGE_KINDS[context.storage].flowsIn === 'image'
      ? [`its run_config names the image ${runImage}; agents run it in the storage's image`]
      : []
  if (storage === null) return { merging, differences, unusable: [] }
  const own = storageOfKind(flow, context.storage)
  if (own === undefined) {
    differences.push(
      `its module sets ${storage.type} storage; it is stored in ${context.storage} storage`
    )
    return { merging, differences, unusable: [] }
  }
  const step = mergeStorage(merging, name, own, context)
  return { ...step, differences: [...differences, ...step.differences] }
}

/** The error for a difference with `storage-conflict: error`. Its message is also the text of the notice. */
const conflictOf = (flow: FlowWithStorage, difference: string): FlowstoreError =>
  new FlowstoreError('STORAGE_CONFLICT', `flow "${flow.name}": ${difference}`, {
    file: flow.module,
    line: flow.line,
    hint: 'Remove the storage from the module, or set storage-conflict: merge.'
  })

const unusableError = (flow: FlowWithStorage, { problem, hint }: Unusable): FlowstoreError =>
  new FlowstoreError('STORAGE_INVALID', `flow "${flow.name}": ${problem}`, {
    file: flow.module,
    line: flow.line,
    hint
  })

const STORE_ANYWAY = 'Set the option storage to store it here instead: it wins over the module'

const noneStored = (skipped: readonly string[]): FlowstoreError =>
  new FlowstoreError(
    'FLOW_NOT_FOUND',
    `no flow to store: ${skipped.length === 1 ? 'the only flow' : `each of the ${skipped.length} flows`} sets a storage that flowstore does not fill`,
    {
      detail: skipped.join('\n'),
      hint: 'Set the option storage, for example to docker, to store them there instead: it wins over the modules. Else flowstore has nothing to do here, and prefect register is enough.'
    }
  )

/** The class of a storage in a module that flowstore can't fill, such as S3; undefined if `storage` is set. */
const foreignStorage = (
  { storage }: FlowWithStorage,
  { nonDefault }: Options
): string | undefined =>
  storage === null || kindOfClass(storage.type) !== undefined || nonDefault.includes('storage')
    ? undefined
    : storage.type

/**
 * Merges the storages in modules into the options: an option wins, and a notice names the difference; the
 * module sets what no option sets; lists and tables are joined. Registry and name of the image are taken only
 * if all modules agree ({@link agreements}), and a module never sets the tag. Flows of other storages (S3, GCS,
 * GitHub, …) are skipped, unless the option `storage` is set.
 *
 * A module is not trusted: it can add only declared sources to an image, and a module that was loaded in a
 * container can't choose a path on this machine.
 *
 * @param isDeclared whether a path, relative to the working directory, is a file or folder of the declared
 * sources
 */
export function mergeModuleStorages<F extends FlowWithStorage>(
  options: Options,
  flows: readonly F[],
  isDeclared: (path: string) => boolean
): Merged<F> {
  const context = { storage: options.storage, loadIn: options.loadIn, isDeclared }
  const notices: Notice[] = []
  const conflicts: FlowstoreError[] = []
  const errors: FlowstoreError[] = []
  const stored: F[] = []
  const skipped: string[] = []
  let merging: Merging = { options, takenFrom: new Map(), secrets: [] }
  for (const flow of flows) {
    const foreign = foreignStorage(flow, options)
    if (foreign !== undefined) {
      const message = `flow "${flow.name}" is not stored here: ${otherStorageText(foreign)}. ${STORE_ANYWAY}`
      notices.push({ level: 'notice', message, file: flow.module, line: flow.line })
      skipped.push(
        `flow "${flow.name}" (${flow.module}:${flow.line}): ${otherStorageText(foreign)}`
      )
      continue
    }
    stored.push(flow)
    const step = mergeFlow(merging, flow, context)
    merging = step.merging
    for (const difference of step.differences) {
      const conflict = conflictOf(flow, difference)
      const { message } = conflict
      conflicts.push(conflict)
      notices.push({ level: 'notice', message, file: flow.module, line: flow.line })
    }
    errors.push(...step.unusable.map(value => unusableError(flow, value)))
  }
  const agreed = agreements(options, stored)
  return {
    options: { ...merging.options, ...agreed.values },
    secrets: merging.secrets,
    flows: stored,
    noneStored: stored.length === 0 ? noneStored(skipped) : undefined,
    notices: [...notices, ...agreed.notices],
    conflicts,
    errors: [...errors, ...agreed.errors]
  }
}
