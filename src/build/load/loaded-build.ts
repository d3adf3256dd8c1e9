import type { BuildInputs } from '../inputs.js'
import type { SessionFlows } from './load-in-session.js'
import type { FoundImage, PlannedImage } from '../look-up.js'

/** Loaded flows. */
export interface LoadedBuild extends SessionFlows {
  readonly kind: 'loaded'
  readonly inputs: BuildInputs
  /** The image that the flows go into; null for a storage without one. */
  readonly image: PlannedImage | null
}

/** Flows that the registry has in an image of the same input. */
export interface FoundBuild {
  readonly kind: 'found'
  readonly inputs: BuildInputs
  readonly found: FoundImage
}

/** Loaded flows that go into the storage, with the settings of their modules. */
export interface SettledBuild extends LoadedBuild {
  /** Names of Prefect secrets. */
  readonly secrets: readonly string[]
}

/** The result of look-up and load. */
export type LoadOutcome = LoadedBuild | FoundBuild
