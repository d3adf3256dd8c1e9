import type { BuildInputs } from '../inputs.js'
import type { FailedModule } from './load-errors.js'
import type { SessionFlows } from './load-in-session.js'
import type { FoundImage, PlannedImage } from '../look-up.js'

/** The result of a load: flows, before the storages in modules are merged into the options. */
export interface LoadedBuild extends SessionFlows {
  readonly kind: 'loaded'
  readonly inputs: BuildInputs
  /** The image that the flows go into; null for a storage without one. */
  readonly image: PlannedImage | null
}

/** The result of a look-up that finds the image: nothing is loaded. */
export interface FoundBuild {
  readonly kind: 'found'
  readonly inputs: BuildInputs
  readonly found: FoundImage
}

/** A {@link LoadedBuild} whose options have what the storages in modules set, with only the flows to store. */
export interface SettledBuild extends LoadedBuild {
  /** Names of Prefect secrets. */
  readonly secrets: readonly string[]
  /** Modules that can't be loaded, with `on-load-error: warn`. */
  readonly failed: readonly FailedModule[]
  /** The keys of flows, by `identityOf`. */
  readonly keys: ReadonlyMap<string, string>
}

/** The result of `findOrLoad`. */
export type LoadOutcome = LoadedBuild | FoundBuild
