import type { StorageKind } from './storage-kinds.js'

/**
 * The form in which a storage holds a flow: its raw cloudpickle, Prefect's JSON envelope around that, the source of
 * its module, or an entrypoint in the sources.
 */
export type FlowContent = 'pickle' | 'envelope' | 'source' | 'entrypoint'

/** One kind of storage, as a Prefect release has it. */
export interface StorageRules {
  /** `type` of its JSON: the name of Prefect's class. */
  readonly type: string
  /** Fields of its JSON, in order; `__version__` and `type` follow. */
  readonly fields: readonly string[]
  /** Whether the release has the class, and so can read the JSON. */
  readonly readable: boolean
  /** The form in which it holds a flow, unless `stored_as_script` is set. */
  readonly content: 'pickle' | 'envelope' | 'entrypoint'
}

/** What a Prefect release does with flow storage. */
export interface PrefectRules {
  /** The release of these rules, such as `1.4.1` or `0.5.3+275.g38ab45053a`. */
  readonly release: string
  readonly generation: Generation
  readonly storages: Readonly<Record<StorageKind, StorageRules>>
  /** The folder that Docker storage puts flows in. */
  readonly dockerFolder: string
  /** The folder in an image that Prefect keeps its configuration in. */
  readonly home: string
  /** Repository of the default base image: Docker Hub's Python, or Prefect's own from 0.7.0. */
  readonly baseImage: 'python' | 'prefecthq/prefect'
  /** `major.minor` of the Python in the default base image. */
  readonly basePython: string
  /** Whether a Docker storage needs a registry to have a name and to be pushed. */
  readonly nameNeedsRegistry: boolean
  /** Whether Docker storage takes `prefect_directory`. */
  readonly prefectDirectory: boolean
  /** Whether storages take `path` and `stored_as_script`. */
  readonly scripts: boolean
  /** Prefect's message for a push without a registry. */
  readonly registryMissing: string
  /** How registry and name are joined: with `os.path.join`, or with `PurePosixPath` from 0.6.4. */
  readonly nameJoin: 'os.path' | 'PurePosixPath'
  /** Prefect's message for a Docker storage without a name. */
  readonly nameMissing: string
  /** Whether each local flow has its own folder with a file named by the time (otherwise `<slug>.prefect`). */
  readonly localTimestamps: boolean
  /** Documents that a build writes beside the storage; `prefect register --json` reads flows.json. */
  readonly documents: readonly 'flows.json'[]
  /** Whether `prefect register` gives flows the labels of their storage. */
  readonly storageLabels: boolean
  /** Whether `get_flow` takes the flow's name (else its location). */
  readonly getFlowByName: boolean
  /** The storages whose build checks that tasks with retries, caches or checkpoints have results. */
  readonly resultChecks: readonly StorageKind[]
  /** Python releases, as `major.minor`, that this Prefect installs and runs on today, oldest first. */
  readonly pythons: readonly string[]
  /** Version specifiers for the Pythons that its package installs on, such as `>=3.11,<3.16`: its Requires-Python. */
  readonly requiresPython: string
  /** Requirements that make this release install and work today. */
  readonly pins: readonly string[]
}

/** The part of a storage that determines the locations of its flows. */
export type LocatingStorage =
  | { readonly kind: 'docker'; readonly prefectDirectory: string | undefined }
  | {
      readonly kind: 'local'
      readonly directory: string
      /** Time at which the flow is added, in milliseconds since 1970 with a fraction. */
      readonly now: number
    }
  | { readonly kind: 'memory' }
  | { readonly kind: 'bytes' }

/** What decides the layout of an environment image. */
export interface LayoutRequest {
  /** Name of the project: the folder of its sources. */
  readonly project: string
  /** The working directory below that folder, such as `teams/orders`; empty if it is that folder. */
  readonly workingDirectory: string
  /** Folders to import modules from, relative to the working directory. */
  readonly importRoots: readonly string[]
  readonly prefectDirectory: string | undefined
  /** Location of the flows, if it is not in Prefect's folder. */
  readonly path: string | undefined
}

/** What an environment image has for the flows that are added to it. */
export interface ImageLayout {
  readonly variables: Readonly<Record<string, string>>
  /** Folders for PYTHONPATH, after those that it has. */
  readonly pythonPath: readonly string[]
  /** Folders that Python imports modules from, after its own and those of packages; they need not exist. */
  readonly searchedLast: readonly string[]
  /** Folders for flows and modules; the layer with flows puts files into them. */
  readonly folders: readonly string[]
  /** WORKDIR; undefined leaves that of the base image. */
  readonly workingDirectory: string | undefined
  /** What every load imports. */
  readonly imports: readonly string[]
  /** A command that has to work in the image, as a run of a flow needs it. */
  readonly check: readonly string[] | undefined
}

/** The part of a flow that determines its location. */
export interface LocatedFlow {
  readonly name: string
  readonly slug?: string | undefined
  readonly entrypoint?: string | undefined
}

/** The releases of Prefect that store flows in the same form. */
export interface Generation {
  /** What a flow is: an object that is pickled, or a name in a source file. */
  readonly flowsAre: 'pickles' | 'entrypoints'
  /** Why it has no storage of a kind, as the end of a sentence; none for a kind that it has. */
  readonly lacks: Readonly<Partial<Record<StorageKind, string>>>
  /** Its releases, for messages: `0.5.4 to 1.4.1`. */
  readonly range: string
  /** Why it begins and ends there, in a sentence for messages. */
  readonly limits: string
  /** Its published releases without pre-releases, oldest first. */
  readonly releases: readonly string[]
  /** Its newest release. */
  readonly newest: string
  /** The packages whose versions a stored flow depends on: their names in imports and on PyPI. */
  readonly packages: readonly string[]
  /** The first releases with what storages take, for messages; undefined for what none has. */
  readonly since: { readonly scripts: string; readonly prefectDirectory?: string }
  /** Whether a release, as `prefect.__version__` gives it, belongs to this generation. */
  covers(release: string): boolean
  /** The rules of one of its releases. */
  rules(release: string): PrefectRules
  /** The location of a flow in a storage. */
  location(rules: PrefectRules, storage: LocatingStorage, flow: LocatedFlow): string
  /** What an environment image has for flows of a release. */
  layout(rules: PrefectRules, request: LayoutRequest): ImageLayout
  /** The folders that flows may be put in; those of any release without rules. */
  flowFolders(request: LayoutRequest, rules?: PrefectRules): readonly string[]
}
