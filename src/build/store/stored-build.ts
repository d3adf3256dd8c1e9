import type { BuiltFlows } from '../../image/labels.js'
import type { ReportImage, ReportLoad } from '../../report.js'
import type { Storage } from '../../storage/storage.js'

/** Flows in their storage. */
export interface StoredBuild {
  readonly storage: Storage
  readonly built: BuiltFlows
  /** Null for a storage without an image. */
  readonly image: ReportImage | null
  /** False for an image that was found. */
  readonly changed: boolean
  /** Null if nothing was loaded. */
  readonly load: ReportLoad | null
}
