import { FlowstoreError } from '../errors.js'
import { NEWEST_PREFECT, rulesFor, type PrefectRules, type StorageType } from '../prefect/rules.js'
import type { Flow } from '../flows/flow.js'
import type { EnvRunner, FlowRunner, StoredFlow } from '../flows/run.js'

/** A storage as JSON: what Prefect's `StorageSchema` reads. */
export type SerializedStorage = { readonly type: string; readonly __version__: string } & Readonly<
  Record<string, unknown>
>

/** Options that every storage takes. */
export interface StorageOptions {
  /** The Prefect release whose rules hold; default {@link NEWEST_PREFECT}. Flows of another are refused. */
  readonly release?: string | undefined
  /** Names of Prefect secrets that a run needs, from 0.11.0 on; default none. */
  readonly secrets?: readonly string[] | undefined
  /** Location of the flow, in place of the one that its name gives; docker and local storage. */
  readonly path?: string | undefined
  /** Whether {@link StorageOptions.path} holds the module itself; default false. */
  readonly storedAsScript?: boolean | undefined
}

/** Where flows are kept: Prefect's `Storage` with the names of TypeScript. */
export abstract class Storage {
  /** What the storage's Prefect release does. */
  readonly rules: PrefectRules
  /** Kind of storage, as {@link PrefectRules.types} names it. */
  abstract readonly kind: StorageType
  /** Name of the storage: its class, for Docker the image. */
  abstract readonly name: string
  readonly secrets: readonly string[]
  readonly path: string | undefined
  readonly storedAsScript: boolean
  private readonly locations = new Map<string, string>()
  private readonly handles = new Map<string, Flow>()
  /** Location to the flow that has it, the first one where several do. */
  private readonly owners = new Map<string, string>()

  /**
   * @throws FlowstoreError UNSUPPORTED_PREFECT for a release or an option of another release,
   * STORAGE_INVALID in Prefect's words for a script without a path
   */
  constructor(options: StorageOptions = {}) {
    this.rules = rulesFor(options.release ?? NEWEST_PREFECT)
    this.secrets = options.secrets ?? []
    this.path = options.path
    this.storedAsScript = options.storedAsScript ?? false
    if ((this.storedAsScript || this.path !== undefined) && !this.rules.scripts) {
      throw new FlowstoreError(
        'UNSUPPORTED_PREFECT',
        `storages of Prefect ${this.rules.release} have no path and no stored_as_script; those of 0.12.5 and later do`
      )
    }
    if (this.storedAsScript && this.path === undefined) {
      throw new FlowstoreError(
        'STORAGE_INVALID',
        'A `path` must be provided to show where flow `.py` file is stored.'
      )
    }
  }

  /** Flow name to location, in the order in which flows were added. */
  get flows(): ReadonlyMap<string, string> {
    return this.locations
  }

  /** The flows that were added, by name. */
  get added(): ReadonlyMap<string, Flow> {
    return this.handles
  }

  /** Whether this storage's Prefect release has a class for it and can read its JSON. */
  get readable(): boolean {
    return this.rules.types.includes(this.kind)
  }

  /** Whether a flow of that name is in the storage; false for anything that is not a name. */
  has(name: unknown): boolean {
    return typeof name === 'string' && this.locations.has(name)
  }

  /**
   * Adds a flow.
   *
   * @returns its location
   * @throws FlowstoreError NAME_CONFLICT (in Prefect's words) for a name that is there already,
   * LOCATION_CONFLICT where two names end at one location (Prefect lets them share the file),
   * UNSUPPORTED_PREFECT for a flow that another Prefect made
   */
  addFlow(flow: Flow): string {
    const at = { file: flow.module, line: flow.line }
    if (this.locations.has(flow.name)) {
      throw new FlowstoreError(
        'NAME_CONFLICT',
        `Name conflict: Flow with the name "${flow.name}" is already present in this storage.`,
        at
      )
    }
    if (flow.versions.prefect !== this.rules.release) {
      throw new FlowstoreError(
        'UNSUPPORTED_PREFECT',
        `Flow "${flow.name}" was made by Prefect ${flow.versions.prefect}; this storage is of Prefect ${this.rules.release}`,
        at
      )
    }
    const location = this.path ?? this.locationOf(flow)
    const other = this.owners.get(location)
    if (other !== undefined && !this.storedAsScript) {
      throw new FlowstoreError(
        'LOCATION_CONFLICT',
        `the flows "${other}" and "${flow.name}" have one location: ${location}`,
        { ...at, hint: 'Prefect derives the location from the name: rename one of them.' }
      )
    }
    if (!this.storedAsScript) this.store(flow, location)
    this.locate(flow.name, location)
    this.handles.set(flow.name, flow)
    return location
  }

  private locate(name: string, location: string): void {
    this.locations.set(name, location)
    if (!this.owners.has(location)) this.owners.set(location, name)
  }

  /**
   * The flow of a location (before Prefect 0.14.4) or of a name (since).
   *
   * @throws FlowstoreError FLOW_NOT_CONTAINED
   */
  getFlow(locationOrName: string): Flow {
    for (const [name, location] of this.locations) {
      const flow = this.handles.get(name)
      if (flow && locationOrName === (this.rules.getFlowByName ? name : location)) return flow
    }
    throw new FlowstoreError('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage')
  }

  /**
   * Gives what runs a flow of this storage. Prefect's own is Docker's alone, takes the image without
   * its registry, and forgets container and exit code.
   *
   * @param locationOrName of a flow in this storage
   * @param runner what runs it: it needs a daemon or an interpreter, which a storage knows nothing of
   * @throws FlowstoreError FLOW_NOT_CONTAINED, NOT_SUPPORTED for a storage that keeps no flow
   */
  getEnvRunner(locationOrName: string, runner: FlowRunner): EnvRunner {
    for (const [name, location] of this.locations) {
      if (locationOrName === name || locationOrName === location) {
        return runner(this.stored(name, location))
      }
    }
    throw new FlowstoreError('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage', {
      hint: `There are: ${[...this.locations.keys()].join(', ') || 'none'}.`
    })
  }

  /** Makes the storage ready for use; those without an image are ready as they are. */
  build(): Promise<this> {
    return Promise.resolve(this)
  }

  /** The storage as Prefect's `StorageSchema` of its release dumps it. */
  serialize(): SerializedStorage {
    const values = this.fields()
    const known = this.rules.fields[this.kind]
    return {
      ...Object.fromEntries(known.map(field => [field, values[field] ?? null])),
      __version__: this.rules.release,
      type: this.type()
    }
  }

  /** `type` in the JSON. */
  protected type(): string {
    return this.name
  }

  /** Every value that some release's JSON has. */
  protected fields(): Readonly<Record<string, unknown>> {
    return {
      flows: Object.fromEntries(this.locations),
      secrets: [...this.secrets],
      path: this.path,
      stored_as_script: this.storedAsScript
    }
  }

  protected abstract locationOf(flow: Flow): string

  /** How a flow of this storage is kept. */
  protected abstract stored(name: string, location: string): StoredFlow

  /** Takes over a flow's location from a storage's JSON; its handle is not known. */
  protected restore(flows: Readonly<Record<string, string>>): void {
    for (const [name, location] of Object.entries(flows)) this.locate(name, location)
  }

  /** Keeps a flow's bytes where the storage keeps them. */
  protected store(flow: Flow, location: string): void {
    void flow
    void location
  }
}

/** Prefect's `Memory`: the flow lives as long as the storage; its JSON names no flow. */
export class Memory extends Storage {
  readonly kind = 'memory'
  readonly name = 'Memory'

  override getEnvRunner(locationOrName: string): EnvRunner {
    return this.stored(locationOrName)
  }

  protected stored(name: string): never {
    throw new FlowstoreError(
      'NOT_SUPPORTED',
      `flow "${name}" can't be run: memory storage keeps flows only while it lives`
    )
  }

  protected locationOf(flow: Flow): string {
    return flow.name
  }
}

/** Prefect's `Bytes`: each flow's raw cloudpickle, in base64 inside the JSON. */
export class Bytes extends Storage {
  readonly kind = 'bytes'
  readonly name = 'Bytes'
  private readonly contents = new Map<string, string>()

  /** A storage with the flows of a JSON: name to base64. */
  static from(flows: Readonly<Record<string, string>>, options: StorageOptions): Bytes {
    const storage = new Bytes(options)
    storage.restore(Object.fromEntries(Object.keys(flows).map(name => [name, name])))
    for (const [name, content] of Object.entries(flows)) storage.contents.set(name, content)
    return storage
  }

  protected locationOf(flow: Flow): string {
    return flow.name
  }

  protected override store(flow: Flow): void {
    this.contents.set(flow.name, flow.bytes.toString('base64'))
  }

  protected override stored(name: string): StoredFlow {
    return { name, content: Buffer.from(this.contents.get(name) ?? '', 'base64') }
  }

  protected override fields(): Readonly<Record<string, unknown>> {
    return { ...super.fields(), flows: Object.fromEntries(this.contents) }
  }
}
