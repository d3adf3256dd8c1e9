/** The versions of the interpreter and the packages that made a flow's bytes. */
export interface FlowVersions {
  /** `major.minor.micro`, such as `3.6.15`. */
  readonly python: string
  /** `prefect.__version__`. */
  readonly prefect: string
  /** `cloudpickle.__version__`. */
  readonly cloudpickle: string
}

/** A parameter of a flow, as Prefect's `Parameter` task has it. */
export interface FlowParameter {
  readonly name: string
  readonly required: boolean
  /** The default as JSON, or undefined if there is none or it is not JSON. */
  readonly default?: unknown
}

/** A flow's name and content. */
export interface PickledFlow {
  /** `flow.name`, any text. */
  readonly name: string
  /** The raw cloudpickle stream of the `prefect.Flow`. */
  readonly bytes: Buffer
}

/**
 * A flow as a value: its name, where it is defined, and its content. The content is code, and nothing in
 * TypeScript unpickles it.
 */
export interface Flow extends PickledFlow {
  /** `slugify(flow.name)` of the Prefect that loaded it; may be empty. */
  readonly slug: string
  /** The module that it comes from: a path relative to the source root, with `/`. */
  readonly module: string
  /** The line in {@link Flow.module} that creates it, from 1. */
  readonly line: number
  readonly parameters: readonly FlowParameter[]
  readonly versions: FlowVersions
  /** The first import of each module that the flow needs, by the module's name. */
  readonly imports?: Readonly<Record<string, { readonly file: string; readonly line: number }>>
  /**
   * The flow as `prefect register --json` reads it: each field but `storage`, to its JSON text. Not parsed,
   * since JavaScript doesn't keep every number that Python writes. Undefined if it was not asked for, or the
   * release has no flows.json.
   */
  readonly serialized?: Readonly<Record<string, string>> | undefined
}

/** A storage that a module sets on its flow: Prefect's class, and the options that differ from its defaults. */
export interface ModuleStorage {
  readonly type: string
  readonly options: Readonly<Record<string, unknown>>
}

/** A loaded flow, with the storage and the image that its module sets. */
export interface LoadedFlow extends Flow {
  readonly storage: ModuleStorage | null
  /** The files of the repository that it is made from; `open` says why they may not be all, or is null. */
  readonly closure: { readonly files: readonly string[]; readonly open: string | null }
  /** `image` of the flow's run_config, from 0.14.0 on. */
  readonly runImage: string | null
}

/** The part of a flow that declares a storage. */
export type FlowWithStorage = Pick<LoadedFlow, 'name' | 'module' | 'line' | 'storage' | 'runImage'>
