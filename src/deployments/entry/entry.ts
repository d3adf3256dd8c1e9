import { posix } from 'node:path'
import type { DeploymentRules } from '../../prefect/deployment-rules.js'
import { nearest } from '../../util/text.js'
import type { DeployableFlow } from '../deployable-flow.js'
import type { Problems } from '../problems.js'
import { isTemplated, scalars, stepPlaceholders } from '../templates.js'
import {
  isNull,
  jsonOf,
  valueOf,
  type JsonObject,
  type Place,
  type YamlMap,
  type YamlNode
} from '../yaml.js'
import { flowOf, moduleFile, nearestEntrypoint } from './entrypoints.js'
import { missingParameters, parameterProblems } from './parameters.js'
import { readSchedule, type Schedule } from './schedules.js'
import { checkTrigger } from './triggers.js'

/** What the entries of a file are checked against. */
export interface EntryContext {
  readonly flows: readonly DeployableFlow[]
  /** Flows that no entrypoint can name, with the reason. */
  readonly unaddressable: readonly {
    readonly name: string
    readonly file: string
    readonly why: string
  }[]
  /** The module files that the option `flows` chose. */
  readonly modules: ReadonlySet<string>
  /** Whether a path is one of the declared sources. */
  readonly isSource: (path: string) => boolean
  /** The folder that flows run in. */
  readonly path: string
  readonly rules: DeploymentRules
  readonly problems: Problems
}

/** A deployment of a file, checked. */
export interface DeploymentEntry {
  readonly place: Place
  readonly name: string
  readonly flow: DeployableFlow
  /** All keys of the file, as JSON. */
  readonly keys: JsonObject
  readonly version: string | undefined
  readonly description: string | undefined
  readonly tags: readonly string[] | string
  readonly paused: boolean | string | undefined
  /** Undefined if the file doesn't say: what the server has stays. */
  readonly schedules: readonly Schedule[] | undefined
  readonly concurrency:
    { readonly limit: number; readonly options: JsonObject | undefined } | undefined
  readonly parameters: JsonObject
  readonly enforceParameterSchema: boolean | undefined
  readonly workPool: {
    readonly name: string
    readonly queue: string | undefined
    readonly jobVariables: JsonObject
  }
  /** The value of `pull`, undefined if the file's own applies. */
  readonly pull: YamlNode | undefined
  readonly triggers: readonly JsonObject[]
  readonly sla: readonly JsonObject[]
}

/** The keys of a deployment that Prefect reads. */
const KEYS = [
  'name',
  'version',
  'version_type',
  'tags',
  'description',
  'schedule',
  'schedules',
  'paused',
  'concurrency_limit',
  'flow_name',
  'entrypoint',
  'parameters',
  'enforce_parameter_schema',
  'build',
  'push',
  'pull',
  'work_pool',
  'triggers',
  'sla'
]
/** Where the value of a key belongs that people write at the wrong place, or that older forms of the file had. */
const PLACES: Readonly<Record<string, string>> = {
  work_pool_name: 'work_pool.name',
  work_queue_name: 'work_pool.work_queue_name',
  work_queue: 'work_pool.work_queue_name',
  job_variables: 'work_pool.job_variables',
  infra_overrides: 'work_pool.job_variables',
  infrastructure: 'work_pool',
  image: 'work_pool.job_variables.image',
  env: 'work_pool.job_variables.env',
  path: 'pull',
  pull_steps: 'pull',
  is_schedule_active: 'active of a schedule',
  cron: 'schedules',
  interval: 'schedules',
  rrule: 'schedules',
  timezone: 'a schedule',
  collision_strategy: 'concurrency_limit.collision_strategy'
}
const WORK_POOL_KEYS = ['name', 'work_queue_name', 'job_variables']
const CONCURRENCY_KEYS = ['limit', 'collision_strategy', 'grace_period_seconds']
const COLLISION_STRATEGIES = ['ENQUEUE', 'CANCEL_NEW']

/** Keys with placeholders that are not kept, or are checked elsewhere. */
const CHECKED_ELSEWHERE = ['version', 'entrypoint', 'build', 'push', 'pull']

/** Checks one deployment of a file; undefined if it is not deployed, or has an error. */
export function readEntry(node: YamlNode, context: EntryContext): DeploymentEntry | undefined {
  const { problems } = context
  if (node.kind !== 'map') {
    problems.error(node.place, 'a deployment must be a mapping with a name and an entrypoint')
    return undefined
  }
  if (isNull(valueOf(node, 'name')) && isNull(valueOf(node, 'entrypoint'))) {
    problems.warn(node.place, 'a deployment without name and entrypoint is left out')
    return undefined
  }
  return new EntryReader(node, context).read()
}

/** A deployment in messages. One name on many flows is normal. */
export const deploymentOwner = (flow: string, name: string): string =>
  `the deployment '${flow}/${name}'`

class EntryReader {
  private readonly problems: Problems
  /** The deployment in messages; with its flow once that is known, as Prefect names it. */
  private owner: string

  constructor(
    private readonly map: YamlMap,
    private readonly context: EntryContext
  ) {
    this.problems = context.problems
    const name = valueOf(map, 'name')
    this.owner =
      name?.kind === 'scalar' && name.value !== null
        ? `the deployment '${name.text}'`
        : 'a deployment'
  }

  read(): DeploymentEntry | undefined {
    const before = this.problems.errors.length
    const flow = this.flow()
    if (flow === 'left out') return undefined
    const name = this.name()
    if (flow !== undefined && name !== undefined) this.owner = deploymentOwner(flow.name, name)
    this.unknownKeys(this.map, KEYS, '')
    this.numbers()
    this.stepTemplates()
    const schedules = this.schedules()
    const parameters = this.mapping(this.map, 'parameters', 'parameters')
    const enforce = this.boolean('enforce_parameter_schema')
    const enforced = enforce ?? this.context.rules.enforceParameterSchema
    if (flow !== undefined) this.checkParameters(flow, parameters, schedules, enforced)
    const workPool = this.workPool()
    const entry = {
      place: this.map.place,
      keys: jsonOf(this.map) as JsonObject,
      version: this.version(),
      description: this.text(this.map, 'description', 'description'),
      tags: this.tags(),
      paused: this.boolean('paused', true),
      schedules,
      concurrency: this.concurrency(),
      parameters: parameters === undefined ? {} : (jsonOf(parameters) as JsonObject),
      enforceParameterSchema: typeof enforce === 'boolean' ? enforce : undefined,
      pull: this.map.entries.has('pull') ? valueOf(this.map, 'pull') : undefined,
      triggers: this.triggers(),
      sla: this.mappings('sla')
    }
    if (flow === undefined || name === undefined || workPool === undefined) return undefined
    return this.problems.errors.length > before ? undefined : { ...entry, name, flow, workPool }
  }

  private error(place: Place, problem: string, hint?: string): undefined {
    this.problems.error(place, `${this.owner} ${problem}`, hint)
  }

  private missing(key: string, why: string): undefined {
    return this.error(this.map.place, `has no ${key}: ${why}`)
  }

  private placeOf(key: string): Place {
    return valueOf(this.map, key)?.place ?? this.map.place
  }

  private unknownKeys(map: YamlMap, keys: readonly string[], within: string): void {
    for (const [key, { place }] of map.entries) {
      if (keys.includes(key)) continue
      const right = within === '' ? PLACES[key] : undefined
      const near = right ?? nearest(key, keys)
      const suggestion =
        right === undefined ? `did you mean '${near ?? ''}'?` : `its value belongs to ${right}`
      this.problems.warn(
        place,
        `${this.owner} has the key '${within}${key}', which Prefect does not read${near === undefined ? '' : `; ${suggestion}`}`
      )
    }
  }

  /** The text of a key. A number stands for its text: Prefect needs text there. */
  private text(map: YamlMap, key: string, name: string): string | undefined {
    const node = valueOf(map, key)
    if (isNull(node)) return undefined
    if (node.kind === 'scalar' && typeof node.value !== 'boolean') return node.text
    return this.error(node.place, `has a ${name} that is no text`)
  }

  private boolean(key: string, mayBeTemplated = false): boolean | string | undefined {
    const node = valueOf(this.map, key)
    if (isNull(node)) return undefined
    const value = node.kind === 'scalar' ? node.value : undefined
    if (typeof value === 'boolean') return value
    if (mayBeTemplated && typeof value === 'string' && isTemplated(value)) return value
    return this.error(node.place, `has ${key} that is neither true nor false`)
  }

  private mapping(map: YamlMap, key: string, name: string): YamlMap | undefined {
    const node = valueOf(map, key)
    if (isNull(node)) return undefined
    if (node.kind === 'map') return node
    return this.error(node.place, `has ${name} that is no mapping`)
  }

  private mappings(key: string): readonly JsonObject[] {
    const node = valueOf(this.map, key)
    if (isNull(node)) return []
    if (node.kind === 'list' && node.items.every(item => item.kind === 'map')) {
      return node.items.map(item => jsonOf(item) as JsonObject)
    }
    this.error(node.place, `has ${key} that is no list of mappings`)
    return []
  }

  private triggers(): readonly JsonObject[] {
    const node = valueOf(this.map, 'triggers')
    for (const item of node?.kind === 'list' ? node.items : []) {
      if (item.kind === 'map') checkTrigger(item, this.owner, this.problems)
    }
    return this.mappings('triggers')
  }

  private name(): string | undefined {
    const name = this.text(this.map, 'name', 'name')
    if (name === '' || isNull(valueOf(this.map, 'name'))) {
      return this.missing('name', 'Prefect leaves it out')
    }
    return name !== undefined && /[/%&<>]/.test(name.replace(/\{\{.*?\}\}/g, ''))
      ? this.error(this.placeOf('name'), 'has a name with one of / % & < >, which Prefect refuses')
      : name
  }

  private flow(): DeployableFlow | 'left out' | undefined {
    const { flows, path, modules, isSource, unaddressable } = this.context
    const node = valueOf(this.map, 'entrypoint')
    const entrypoint = this.text(this.map, 'entrypoint', 'entrypoint')
    if (node === undefined || entrypoint === undefined) {
      if (isNull(node)) {
        this.missing('entrypoint', 'it names the flow, such as flows/orders.py:orders')
      }
      return undefined
    }
    if (isTemplated(entrypoint)) {
      return this.error(
        node.place,
        `has the entrypoint '${entrypoint}': a template can't be matched with a flow`,
        'Write the path and the name of the flow.'
      )
    }
    const flow = flowOf(entrypoint, flows, path)
    if (flow !== undefined) return flow
    const file = moduleFile(entrypoint, path)
    if (file !== undefined && !modules.has(file) && isSource(file)) {
      this.problems.notice(
        `${this.owner} is left out: the option flows does not choose ${file}`,
        node.place
      )
      return 'left out'
    }
    // A flow without a name of its own has that of its function, with - for _.
    const attribute = entrypoint.slice(entrypoint.lastIndexOf(':') + 1)
    const names = [attribute, attribute.replaceAll('_', '-')]
    const unnamed = unaddressable.find(one => one.file === file && names.includes(one.name))
    return this.error(
      node.place,
      `has the entrypoint '${entrypoint}', which is no flow${unnamed === undefined ? '' : `: ${unnamed.why.replace(/\.$/, '')}`}`,
      this.entrypointHint(entrypoint, file)
    )
  }

  private entrypointHint(entrypoint: string, file: string | undefined): string {
    const { flows, path } = this.context
    const folder = posix.dirname(this.map.place.file)
    const below = flowOf(posix.join(folder, entrypoint), flows, path)
    if (file !== undefined && folder !== '.' && below !== undefined) {
      return `Paths are relative to the working directory, and not to the file: write '${below.entrypoint}'.`
    }
    const near = nearestEntrypoint(entrypoint, flows, path)
    return near === undefined
      ? `Name the file and the variable of a flow, such as '${flows[0]?.entrypoint ?? 'flows/orders.py:orders'}'.`
      : `Did you mean '${near}'?`
  }

  /** A version that a step of the file gave is left to us. */
  private version(): string | undefined {
    const version = this.text(this.map, 'version', 'version')
    if (version === undefined) return undefined
    const [step] = stepPlaceholders(version)
    if (step === undefined) return version
    this.problems.notice(
      `${this.owner} gets the key of its flow as its version, since no step gives {{ ${step} }} any more`,
      this.placeOf('version')
    )
    return undefined
  }

  private tags(): readonly string[] | string {
    const node = valueOf(this.map, 'tags')
    if (isNull(node)) return []
    if (node.kind === 'scalar' && isTemplated(node.value)) return node.text
    if (node.kind === 'list' && node.items.every(item => item.kind === 'scalar')) {
      return node.items.map(({ text }) => text)
    }
    this.error(node.place, 'has tags that are no list of texts', 'Write tags: [one, other].')
    return []
  }

  private schedules(): readonly Schedule[] | undefined {
    const { rules } = this.context
    const several = valueOf(this.map, 'schedules')
    const old = valueOf(this.map, 'schedule')
    const hasOld = !isNull(old) && !(old.kind === 'map' && old.entries.size === 0)
    if (hasOld && !isNull(several)) {
      return this.error(
        old.place,
        'has both schedule and schedules, which Prefect refuses',
        'Put all into schedules.'
      )
    }
    if (hasOld && rules.schedules === 'several') {
      this.problems.notice(
        `${this.owner} has the old key schedule; it is written as schedules`,
        old.place
      )
    }
    const node = hasOld ? old : several
    if (isNull(node)) return undefined
    if (!hasOld && node.kind !== 'list') {
      return this.error(node.place, 'has schedules that are no list')
    }
    const items = node.kind === 'list' ? node.items : [node]
    if (rules.schedules === 'one' && items.length > 1) {
      return this.error(
        node.place,
        `has ${items.length} schedules, and this release of Prefect takes one`,
        'Make a deployment for each schedule, or use Prefect 2.17 or later.'
      )
    }
    const schedules = items.map(item => readSchedule(item, rules, this.owner, this.problems))
    this.slugs(items)
    return schedules.filter(schedule => schedule !== undefined)
  }

  /** A server refuses two schedules of one slug. */
  private slugs(items: readonly YamlNode[]): void {
    const seen = new Set<string>()
    for (const item of items) {
      const slug = valueOf(item, 'slug')
      if (slug?.kind !== 'scalar' || slug.value === null) continue
      if (seen.has(slug.text))
        this.error(slug.place, `has two schedules with the slug '${slug.text}'`)
      seen.add(slug.text)
    }
  }

  private checkParameters(
    flow: DeployableFlow,
    parameters: YamlMap | undefined,
    schedules: readonly Schedule[] | undefined,
    enforced: boolean | string
  ): void {
    const schema = flow.details.parameterSchema
    const given = parameters === undefined ? [] : [...parameters.entries.keys()]
    const sets = [parameters, ...(schedules ?? []).map(schedule => schedule.parameters)]
    for (const set of sets) {
      if (set === undefined) continue
      for (const { place, message, hint, isType } of parameterProblems(set, schema)) {
        if (isType && enforced === false) {
          this.problems.warn(place, `${this.owner}: ${message}; enforce_parameter_schema is false`)
        } else this.problems.error(place, `${this.owner}: ${message}`, hint)
      }
    }
    for (const { body, parameters: own } of schedules ?? []) {
      const all = [...given, ...(own?.entries.keys() ?? [])]
      const missing = missingParameters(all, schema)
      if (body.active === false || missing.length === 0) continue
      this.problems.warn(
        this.map.place,
        `${this.owner} has a schedule, but no value for ${missing.map(name => `'${name}'`).join(', ')}: its runs will fail`
      )
    }
  }

  private workPool(): DeploymentEntry['workPool'] | undefined {
    const node = valueOf(this.map, 'work_pool')
    if (node?.kind === 'scalar' && node.value !== null) {
      return this.error(
        node.place,
        'has work_pool that is no mapping',
        `Write work_pool: {name: ${node.text}}.`
      )
    }
    const map = this.mapping(this.map, 'work_pool', 'work_pool')
    if (map !== undefined) this.unknownKeys(map, WORK_POOL_KEYS, 'work_pool.')
    const before = this.problems.errors.length
    const name = map === undefined ? undefined : this.text(map, 'name', 'name of its work pool')
    if (map === undefined || name === undefined || name === '') {
      if (this.problems.errors.length > before) return undefined
      return this.error(map?.place ?? this.map.place, 'names no work pool', 'Set work_pool.name.')
    }
    const variables = this.mapping(map, 'job_variables', 'job_variables')
    return {
      name,
      queue: this.text(map, 'work_queue_name', 'name of its work queue'),
      jobVariables: variables === undefined ? {} : (jsonOf(variables) as JsonObject)
    }
  }

  private concurrency(): DeploymentEntry['concurrency'] {
    const node = valueOf(this.map, 'concurrency_limit')
    if (isNull(node)) return undefined
    if (!this.context.rules.concurrency) {
      this.problems.warn(
        node.place,
        `${this.owner} has concurrency_limit, which this release of Prefect ignores`
      )
    }
    if (node.kind !== 'map') {
      const limit = this.whole(node, 1, Infinity)
      return limit === undefined
        ? this.error(
            node.place,
            'has a concurrency_limit that is neither a number from 1 nor a mapping with limit'
          )
        : { limit, options: undefined }
    }
    this.unknownKeys(node, CONCURRENCY_KEYS, 'concurrency_limit.')
    const limit = this.whole(valueOf(node, 'limit'), 1, Infinity)
    if (limit === undefined) {
      return this.error(
        valueOf(node, 'limit')?.place ?? node.place,
        'has a concurrency_limit whose limit is no number from 1'
      )
    }
    const strategy = this.text(node, 'collision_strategy', 'collision_strategy')
    if (strategy === undefined || !COLLISION_STRATEGIES.includes(strategy)) {
      return this.error(
        valueOf(node, 'collision_strategy')?.place ?? node.place,
        `has a concurrency_limit whose collision_strategy is none of ${COLLISION_STRATEGIES.join(', ')}`
      )
    }
    const grace = valueOf(node, 'grace_period_seconds')
    const seconds = this.whole(grace, 60, 86_400)
    if (!isNull(grace) && seconds === undefined) {
      return this.error(
        grace.place,
        'has a concurrency_limit whose grace_period_seconds is not 60 to 86400'
      )
    }
    const { concurrency, concurrencyGrace } = this.context.rules
    if (!isNull(grace) && concurrency && !concurrencyGrace) {
      this.problems.warn(
        grace.place,
        `${this.owner} has grace_period_seconds, which this release of Prefect ignores`
      )
    }
    return {
      limit,
      options: {
        collision_strategy: strategy,
        ...(seconds === undefined ? {} : { grace_period_seconds: seconds })
      }
    }
  }

  private whole(node: YamlNode | undefined, least: number, most: number): number | undefined {
    const given = node?.kind === 'scalar' ? node.value : undefined
    // Prefect reads a number that is in quotes.
    const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined
  }

  /** Numbers that would not come out as they stand in the file. */
  private numbers(): void {
    for (const { value, text, place } of scalars(this.map)) {
      if (typeof value !== 'number') continue
      if (!Number.isFinite(value)) this.error(place, `has ${text}, which JSON has no word for`)
      else if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(text)) {
        this.error(place, `has ${text}, which has too many digits for JSON`, 'Write it as text.')
      }
    }
  }

  /** Prefect would leave out each value with the output of a step that is gone, without a word. */
  private stepTemplates(): void {
    for (const [key, { value }] of this.map.entries) {
      if (CHECKED_ELSEWHERE.includes(key)) continue
      for (const scalar of scalars(this.filled(key, value))) {
        if (typeof scalar.value !== 'string') continue
        for (const step of stepPlaceholders(scalar.value)) {
          this.error(
            scalar.place,
            `has {{ ${step} }} in ${key}, and no step gives it any more`,
            'Build and push steps are left out: the image is made already. Write the value, or take it from the environment as {{ $NAME }}.'
          )
        }
      }
    }
  }

  /** A value without the parts that Prefect does not fill, and without the image, which is set. */
  private filled(key: string, value: YamlNode): YamlNode {
    const without = (node: YamlNode, name: string): YamlNode =>
      node.kind === 'map'
        ? { ...node, entries: new Map([...node.entries].filter(([one]) => one !== name)) }
        : node
    if (key === 'triggers' && value.kind === 'list') {
      return { ...value, items: value.items.map(item => without(item, 'parameters')) }
    }
    const variables = key === 'work_pool' ? valueOf(value, 'job_variables') : undefined
    if (value.kind !== 'map' || variables === undefined) return value
    const entry = value.entries.get('job_variables')
    if (entry === undefined) return value
    return {
      ...value,
      entries: new Map([
        ...value.entries,
        ['job_variables', { ...entry, value: without(variables, 'image') }]
      ])
    }
  }
}

/** The image that an entry names in its job variables, if it is no template. */
export function literalImage(entry: DeploymentEntry): string | undefined {
  const { image } = entry.workPool.jobVariables
  return typeof image === 'string' && !isTemplated(image) ? image : undefined
}
