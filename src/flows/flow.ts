import type { JsonObject } from '../util/json.js'

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
  /** Its content is the pickle. */
  readonly entrypoint?: undefined
  /** `flow.name`, any text. */
  readonly name: string
  /** The raw cloudpickle stream of the `prefect.Flow`. */
  readonly bytes: Buffer
}

/** A flow that an entrypoint names: Prefect 2 and 3. */
export interface NamedFlow {
  /** Its content is the source. */
  readonly bytes?: undefined
  /** `flow.name`, any text. */
  readonly name: string
  /** A path or a module, and the name in it: `flows/orders.py:orders`. */
  readonly entrypoint: string
}

/** Where a flow is defined, and what made it. */
export interface FlowOrigin {
  readonly name: string
  /** The module that it comes from: a path relative to the source root, with `/`. */
  readonly module: string
  /** The line in {@link FlowOrigin.module} that creates it, from 1. */
  readonly line: number
  readonly versions: FlowVersions
  /** The first import of each module that the flow needs, by the module's name. */
  readonly imports?: Readonly<Record<string, { readonly file: string; readonly line: number }>>
}

/** A flow of Prefect 0.5 to 1.4: its content is code, and nothing in TypeScript unpickles it. */
export interface PickleFlow extends FlowOrigin, PickledFlow {
  readonly details?: undefined
  /** `slugify(flow.name)` of the Prefect that loaded it; may be empty. */
  readonly slug: string
  readonly parameters: readonly FlowParameter[]
  /**
   * The flow as `prefect register --json` reads it: each field but `storage`, to its JSON text. Not parsed,
   * since JavaScript doesn't keep every number that Python writes. Undefined if it was not asked for, or the
   * release has no flows.json.
   */
  readonly serialized?: Readonly<Record<string, string>> | undefined
}

/** What Prefect knows of a flow of 2 and 3. */
export interface EntrypointDetails {
  /** The flow's own version, by default a hash of its file. */
  readonly version: string | null
  readonly description: string | null
  readonly isAsync: boolean
  readonly isGenerator: boolean
  readonly retries: number | null
  readonly retryDelaySeconds?: unknown
  readonly timeoutSeconds: number | null
  /** The JSON schema of its parameters, as the API takes it. */
  readonly parameterSchema: JsonObject
}

/** A flow of Prefect 2 and 3: its content is the source. */
export interface EntrypointFlow extends FlowOrigin, NamedFlow {
  readonly bytes?: undefined
  readonly slug?: undefined
  readonly details: EntrypointDetails
}

/** A flow as a value: its name, where it is defined, and its content. */
export type Flow = PickleFlow | EntrypointFlow

/** What tells a flow from the others of a build: its name, or its entrypoint, since two may have one name. */
export const identityOf = ({ name, entrypoint }: Flow): string => entrypoint ?? name

/** A storage that a module sets on its flow: Prefect's class, and the options that differ from its defaults. */
export interface ModuleStorage {
  readonly type: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What a load says of a flow of any generation. */
interface FlowLoad {
  /**
   * The modules of the repository that it is made from, and the files and folders that they name by paths from their
   * own. `open` says why they may not be all, or is null.
   */
  readonly closure: {
    readonly files: readonly string[]
    readonly data: readonly string[]
    readonly open: string | null
  }
  /** The storage that its module sets; null for a flow of Prefect 2 and 3. */
  readonly storage: ModuleStorage | null
  /** `image` of the flow's run_config, from 0.14.0 on. */
  readonly runImage: string | null
}

/** A loaded flow of Prefect 0.5 to 1.4. */
export type LoadedPickle = PickleFlow & FlowLoad

/** A loaded flow, with the storage and the image that its module sets. */
export type LoadedFlow = LoadedPickle | (EntrypointFlow & FlowLoad)

/** The part of a flow that declares a storage. */
export type FlowWithStorage = Pick<LoadedFlow, 'name' | 'module' | 'line' | 'storage' | 'runImage'>
