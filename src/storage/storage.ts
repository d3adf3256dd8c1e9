import { FlowstoreError } from '../errors.js'
import type { Flow, NamedFlow, PickledFlow, PickleFlow } from '../flows/flow.js'
import type { EnvRunner, FlowRunner } from '../flows/run.js'
import { defaultRunner } from './default-runner.js'
import type { StoredFlow } from '../flows/stored-flow.js'
import type { FlowContent, LocatingStorage, PrefectRules } from '../prefect/generation.js'
import { NEWEST_WITH_STORAGES, rulesFor } from '../prefect/releases.js'
import { PATH_MISSING, type StorageKind } from '../prefect/storage-kinds.js'
import { isEntrypoint } from './entrypoint.js'

/** A storage as JSON: what Prefect's `StorageSchema` reads. */
export type SerializedStorage = { readonly type: string; readonly __version__: string } & Readonly<
  Record<string, unknown>
>

/** Options that every storage takes. */
export interface StorageOptions {
  /** The Prefect release whose rules apply; default {@link NEWEST_WITH_STORAGES}. Flows of another release are refused. */
  readonly release?: string | undefined
  /** Names of Prefect secrets that a run needs, from 0.11.0 on; default none. */
  readonly secrets?: readonly string[] | undefined
  /** Location of the flow, instead of the one derived from its name; docker and local storage. */
  readonly path?: string | undefined
  /** Whether {@link StorageOptions.path} holds the module itself; default false. */
  readonly storedAsScript?: boolean | undefined
}

/** Prefect's `Storage`, with its names in TypeScript's case. */
export abstract class Storage {
  /**
   * The rules of the storage's Prefect release.
   *
   * @internal
   */
  readonly rules: PrefectRules
  abstract readonly kind: StorageKind
  /** Name of the storage: its class, for Docker the image. */
  abstract readonly name: string
  readonly secrets: readonly string[]
  readonly storedAsScript: boolean
  private readonly givenPath: string | undefined
  private readonly locations = new Map<string, string>()
  private readonly addedFlows: Flow[] = []
  /** Location to the name of its flow; for several flows the first. */
  private readonly owners = new Map<string, string>()

  /**
   * @throws FlowstoreError UNSUPPORTED_PREFECT for an unknown release or an option that the release lacks,
   * STORAGE_INVALID in Prefect's words for a script without a path
   */
  constructor(options: StorageOptions = {}) {
    this.rules = rulesFor(options.release ?? NEWEST_WITH_STORAGES)
    this.secrets = options.secrets ?? []
    this.givenPath = options.path
    const isSource = this.rules.generation.flowsAre === 'entrypoints'
    this.storedAsScript = options.storedAsScript ?? isSource
    if ((this.storedAsScript || this.givenPath !== undefined) && !this.rules.scripts) {
      throw new FlowstoreError(
        'UNSUPPORTED_PREFECT',
        `storages of Prefect ${this.rules.release} have no path and no stored_as_script; Prefect ${this.rules.generation.since.scripts} and later have them`
      )
    }
    if (this.storedAsScript && this.givenPath === undefined && !isSource) {
      throw new FlowstoreError('STORAGE_INVALID', PATH_MISSING)
    }
  }

  /** The option; for flows of Prefect 2 and 3 the folder that their entrypoints are relative to, if it is known. */
  get path(): string | undefined {
    return this.givenPath ?? this.runFolder()
  }

  /**
   * Flow name to location, in the order in which flows were added. For Prefect 2 and 3 the location is an entrypoint; of
   * several flows with one name it is that of the first.
   */
  get flows(): ReadonlyMap<string, string> {
    return this.locations
  }

  /** The flows that were added. */
  get added(): readonly Flow[] {
    return this.addedFlows
  }

  /** Whether this storage's Prefect release has a class for it and can read its JSON. */
  get readable(): boolean {
    return this.rules.storages[this.kind].readable
  }

  /** The form in which the storage holds each flow. */
  get content(): FlowContent {
    const { content } = this.rules.storages[this.kind]
    return this.storedAsScript && content !== 'entrypoint' ? 'source' : content
  }

  /** Whether a flow of that name is in the storage; false for a value that is not a name. */
  has(name: unknown): boolean {
    return typeof name === 'string' && this.locations.has(name)
  }

  /**
   * Adds a flow.
   *
   * @returns its location
   * @throws FlowstoreError NAME_CONFLICT (in Prefect's words) for a name that is already taken, with Prefect 2 and 3 only
   * for an entrypoint that is; LOCATION_CONFLICT for two names with the same location (Prefect overwrites the file), UNSUPPORTED_PREFECT
   * for a flow of another Prefect release
   */
  addFlow(flow: Flow): string {
    const position = { file: flow.module, line: flow.line }
    const isSource = this.content === 'entrypoint'
    // Two functions may give their flows one name: their deployments differ.
    const isThere = isSource
      ? this.addedFlows.some(({ entrypoint }) => entrypoint === flow.entrypoint)
      : this.locations.has(flow.name)
    if (isThere) {
      throw new FlowstoreError(
        'NAME_CONFLICT',
        `Name conflict: Flow with the name "${flow.name}" is already present in this storage.`,
        position
      )
    }
    if (flow.versions.prefect !== this.rules.release) {
      throw new FlowstoreError(
        'UNSUPPORTED_PREFECT',
        `Flow "${flow.name}" was made by Prefect ${flow.versions.prefect}; this storage is for Prefect ${this.rules.release}`,
        {
          ...position,
          hint: `One storage has flows of one release: create it with release: '${flow.versions.prefect}'.`
        }
      )
    }
    const location = this.locationOf(flow)
    if (isSource) {
      if (!this.locations.has(flow.name)) this.locate(flow.name, location)
      this.addedFlows.push(flow)
      return location
    }
    const owner = this.owners.get(location)
    if (owner !== undefined && this.content !== 'source') {
      throw new FlowstoreError(
        'LOCATION_CONFLICT',
        `the flows "${owner}" and "${flow.name}" have the same location: ${location}`,
        { ...position, hint: 'Prefect derives the location from the name: rename one of them.' }
      )
    }
    if (this.content !== 'source') this.write?.(flow, location)
    this.locate(flow.name, location)
    this.addedFlows.push(flow)
    return location
  }

  /**
   * The flow of a location (before Prefect 0.14.4), of a name (later releases), or of either (Prefect 2 and 3). A flow
   * that was added is given back as it is; one of a storage that was read from JSON has its name and its bytes, or with
   * Prefect 2 and 3 its entrypoint.
   *
   * @throws FlowstoreError FLOW_NOT_CONTAINED; for a storage from JSON, NOT_SUPPORTED if its flows are not on this
   * machine, FILE_NOT_FOUND, FILE_UNREADABLE
   */
  getFlow(locationOrName: string): PickledFlow | NamedFlow {
    if (this.content === 'entrypoint') return this.namedFlow(locationOrName)
    for (const [name, location] of this.locations) {
      if (locationOrName !== (this.rules.getFlowByName ? name : location)) continue
      const added = this.addedFlows.find((flow): flow is PickleFlow => flow.name === name)
      return added ?? { name, bytes: this.pickle(name, location) }
    }
    throw this.notContained()
  }

  /**
   * The runner of a flow in this storage. In Prefect only Docker storage has one: it uses the image without
   * its registry, ignores the exit code and leaves the container behind.
   *
   * @param locationOrName of a flow in this storage. With Prefect 2 and 3, any entrypoint of the stored sources can be
   * run, also one whose flow has the name of another
   * @param runner runs the flow; default in a container of its image, or in an interpreter of this machine that has its
   * Prefect and is found or made
   * @throws FlowstoreError FLOW_NOT_CONTAINED, NOT_SUPPORTED for a storage without stored flows
   */
  getEnvRunner(locationOrName: string, runner: FlowRunner = defaultRunner()): EnvRunner {
    const [name, location] = this.flowToRun(locationOrName)
    return runner(this.stored(name, location), this.rules.release)
  }

  /** The files of this machine that hold flows: name, with `/`, to path. */
  flowFiles(): ReadonlyMap<string, string> {
    return new Map()
  }

  /** Removes every file that this storage wrote; one that replaced another gets its earlier content back. */
  removeFiles(): void {
    // Only local storage writes files.
  }

  /**
   * Like {@link build}, but what it replaces stays aside until {@link keepFiles}: until then {@link removeFiles} brings it
   * back.
   *
   * @internal
   */
  async replaceFiles(): Promise<void> {
    await this.build()
  }

  /**
   * Whether something is aside.
   *
   * @internal
   */
  get hasAside(): boolean {
    return false
  }

  /**
   * Removes what is aside.
   *
   * @internal
   */
  keepFiles(): void {
    // Only local storage replaces files.
  }

  /** Makes the storage ready for use. Without an image there is nothing to do. */
  build(): Promise<this> {
    return Promise.resolve(this)
  }

  /** The storage as the `StorageSchema` of its Prefect release dumps it. */
  serialize(): SerializedStorage {
    const values = this.fields()
    const { type, fields } = this.rules.storages[this.kind]
    return {
      ...Object.fromEntries(fields.map(field => [field, values[field] ?? null])),
      __version__: this.rules.release,
      type
    }
  }

  /** The values for the JSON of any release. */
  protected fields(): Readonly<Record<string, unknown>> {
    return {
      flows: Object.fromEntries(this.locations),
      secrets: [...this.secrets],
      path: this.path,
      stored_as_script: this.storedAsScript
    }
  }

  /** The folder of flows with entrypoints, unless {@link StorageOptions.path} names it. */
  protected runFolder(): string | undefined {
    return undefined
  }

  /** The part of the storage that determines the locations of flows. */
  protected abstract locating(): LocatingStorage

  /** A flow as this storage holds it. */
  protected abstract stored(name: string, location: string): StoredFlow

  /** The pickle of a flow that was not added, for a storage that holds flows on this machine. */
  protected pickle(name: string, location: string): Buffer {
    throw new FlowstoreError(
      'NOT_SUPPORTED',
      `flow "${name}" can't be read here: it is at ${location} in ${this.name}`,
      { hint: 'Run it with getEnvRunner.' }
    )
  }

  /** Writes a flow to its location, for a storage that holds flows itself. */
  protected write?(flow: Flow, location: string): void

  /** Adds the flows of a storage's JSON, name to location. */
  protected restore(flows: Readonly<Record<string, string>>): void {
    for (const [name, location] of Object.entries(flows)) this.locate(name, location)
  }

  private locationOf(flow: Flow): string {
    if (this.content !== 'entrypoint' && this.path !== undefined) return this.path
    return this.rules.generation.location(this.rules, this.locating(), flow)
  }

  /** Name and location of a flow to run. */
  private flowToRun(locationOrName: string): readonly [name: string, location: string] {
    for (const flow of this.locations) if (flow.includes(locationOrName)) return flow
    const added = this.addedFlows.find(({ entrypoint }) => entrypoint === locationOrName)
    if (added !== undefined) return [added.name, locationOrName]
    // A JSON has one flow of each name, and the sources have all.
    if (this.content === 'entrypoint' && isEntrypoint(locationOrName)) {
      return [locationOrName, locationOrName]
    }
    throw this.notContained()
  }

  private notContained(): FlowstoreError {
    return new FlowstoreError('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage', {
      hint: `It contains: ${[...this.locations.keys()].join(', ') || 'no flow'}.`
    })
  }

  private namedFlow(entrypointOrName: string): NamedFlow {
    const matches = (flow: NamedFlow) =>
      flow.name === entrypointOrName || flow.entrypoint === entrypointOrName
    const added = this.addedFlows.find(flow => flow.entrypoint !== undefined && matches(flow))
    if (added?.entrypoint !== undefined) return added
    for (const [name, entrypoint] of this.locations) {
      if (matches({ name, entrypoint })) return { name, entrypoint }
    }
    throw this.notContained()
  }

  private locate(name: string, location: string): void {
    this.locations.set(name, location)
    if (!this.owners.has(location)) this.owners.set(location, name)
  }
}
