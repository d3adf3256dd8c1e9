import { variableProblem } from '../../docker/dockerfile.js'
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
  /** What the modules don't agree on but must, and variables that no image can have. */
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
  /** The parts that nothing can use, as clauses: the flow does not get what its module asks for. */
  readonly unusable: readonly string[]
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
  const merge = RULES[key].module(rules).apply(parameter, current, context)
  const { value, differences, unusable = [] } = merge
  if (value === current.value) return { merging, differences, unusable }
  const options: Options = { ...merging.options, [key]: value }
  const takenFrom = new Map(merging.takenFrom).set(key, flow)
  return { merging: { ...merging, options, takenFrom }, differences, unusable }
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
  const unusable: string[] = []
  for (const key of MODULE_KEYS) {
    const value = parameters[prefectName(key)]
    if (value === undefined || needsAgreement(key, merging.options)) continue
    const read = readParameter(key, value)
    if (read.kind === 'problem') {
      unusable.push(read.problem)
      continue
    }
    const parameter = { name: prefectName(key), value: read.value }
    const step = mergeParameter(key, merging, flow, parameter, context)
    merging = step.merging
    differences.push(...step.differences)
    unusable.push(...step.unusable)
  }
  const secrets = secretNames.safeParse(parameters['secrets'] ?? [])
  if (!secrets.success) {
    return { merging, differences, unusable: [...unusable, 'its secrets are invalid'] }
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

const variables = z.record(z.string(), z.string())

/** The errors for variables in a module that would add an instruction to the Dockerfile. */
function variableErrors(flow: FlowWithStorage, { storage: kind }: Options): FlowstoreError[] {
  const { name, module, line } = flow
  const parsed = variables.safeParse(storageOfKind(flow, kind)?.options['env_vars'])
  return Object.entries(parsed.data ?? {}).flatMap(([variable, value]) => {
    const problem = variableProblem(variable, value)
    if (problem === undefined) return []
    return new FlowstoreError(
      'STORAGE_INVALID',
      `flow "${name}": an image can't have this variable of its env_vars: ${problem}`,
      { file: module, line }
    )
  })
}

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
    const report = (level: Notice['level'], difference: string) => {
      const conflict = conflictOf(flow, difference)
      conflicts.push(conflict)
      notices.push({ level, message: conflict.message, file: flow.module, line: flow.line })
    }
    for (const difference of step.differences) report('notice', difference)
    for (const difference of step.unusable) report('warning', difference)
  }
  const agreed = agreements(options, stored)
  return {
    options: { ...merging.options, ...agreed.values },
    secrets: merging.secrets,
    flows: stored,
    noneStored: stored.length === 0 ? noneStored(skipped) : undefined,
    notices: [...notices, ...agreed.notices],
    conflicts,
    errors: [...agreed.errors, ...stored.flatMap(flow => variableErrors(flow, options))]
  }
}
