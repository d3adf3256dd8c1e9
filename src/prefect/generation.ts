import type { StorageKind } from './storage-kinds.js'

/**
 * The form in which a storage holds a flow: its raw cloudpickle, Prefect's JSON envelope around that, or the
 * source of its module.
 */
export type FlowContent = 'pickle' | 'envelope' | 'source'

/** One kind of storage, as a Prefect release has it. */
export interface StorageRules {
  /** `type` of its JSON: the name of Prefect's class. */
  readonly type: string
  /** Fields of its JSON, in order; `__version__` and `type` follow. */
  readonly fields: readonly string[]
  /** Whether the release has the class, and so can read the JSON. */
  readonly readable: boolean
  /** The form in which it holds a flow, unless `stored_as_script` is set. */
  readonly content: 'pickle' | 'envelope'
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

/** Settings for the Python loader, in the form of its request. */
interface LoadSettings {
  /** The pickle protocol from a release on; earlier releases use cloudpickle's default. */
  readonly pickleProtocols: readonly { readonly since: string; readonly protocol: number }[]
  /** The first release that reads a flows.json, and the first that puts the labels of storages into it. */
  readonly flowsJson: { readonly since: string; readonly labelsSince: string }
}

/** The releases of Prefect that store flows in the same form. */
export interface Generation {
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
  /** {@link PrefectRules.home} of every release. */
  readonly homes: readonly string[]
  readonly loading: LoadSettings
  /** The first releases with what storages take, for messages. */
  readonly since: { readonly scripts: string; readonly prefectDirectory: string }
  /** Whether a release, as `prefect.__version__` gives it, belongs to this generation. */
  covers(release: string): boolean
  /** The rules of one of its releases. */
  rules(release: string): PrefectRules
  /** The location of a flow in a storage. */
  location(
    rules: PrefectRules,
    storage: LocatingStorage,
    flow: { readonly name: string; readonly slug: string }
  ): string
}
