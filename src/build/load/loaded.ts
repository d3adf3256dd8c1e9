import type { BuildInputs } from '../inputs.js'
import type { SessionFlows } from './load-in-session.js'
import type { FoundImage, PlannedImage } from '../look-up.js'

/** Flows that were loaded. */
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

/** Loaded flows that go into the storage, with what their modules say of it. */
export interface SettledBuild extends LoadedBuild {
  /** Names of Prefect secrets. */
  readonly secrets: readonly string[]
}

/** What came of looking up and loading. */
export type LoadOutcome = LoadedBuild | FoundBuild
