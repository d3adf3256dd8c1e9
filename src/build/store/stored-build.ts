import { allUndone, NOTHING_UNDONE, type Undone } from '../../errors.js'
import type { BuildDescription, CheckedIn } from '../../image/labels.js'
import type { PlatformDigest } from '../../image/oci/index-of.js'
import type { ImageRepository } from '../../image/repository.js'
import type { TagMove } from '../../image/tag-move.js'
import { isCell } from '../../python/cell.js'
import type { ReportEnvironment, ReportImage, ReportLoad, ReportPlatform } from '../../report.js'
import type { DockerStorage } from '../../storage/docker.js'
import type { Storage } from '../../storage/storage.js'
import type { SettledBuild } from '../load/loaded-build.js'
import type { LoadSession } from '../load/session.js'
import { beforeEnd } from '../../util/scope.js'

/** The result of the stage store, for the report: flows in a storage of any kind. */
export interface StoredBuild {
  readonly storage: Storage
  readonly built: BuildDescription
  /** Null for a storage without an image. */
  readonly image: ReportImage | null
  /** The repository of a pushed image, if it can be used from here. */
  readonly repository: ImageRepository | undefined
  /** False for an image that was found. */
  readonly changed: boolean
  /** Null for a storage without an image. */
  readonly environment: ReportEnvironment | null
  /** Null if nothing was loaded. */
  readonly load: ReportLoad | null
  /** The tags of the image, which move when everything else is complete. */
  readonly tagMove: TagMove
}

/** Puts back what a store changed: tags, and files of local storage. */
export function undoStore({
  tagMove,
  storage
}: Pick<StoredBuild, 'tagMove' | 'storage'>): Promise<Undone> {
  const tags = tagMove.putBack()
  return beforeEnd(tags.then(undone => allUndone([undone, filesRemoved(storage)])))
}

function filesRemoved(storage: Storage): Undone {
  try {
    storage.removeFiles()
    return NOTHING_UNDONE
  } catch (error) {
    const why = (error as Error).message
    return { putBack: [], remains: [`files of the failed run in ${storage.name} storage: ${why}`] }
  }
}

/** The image of a report, with the names of its storage. */
export const reportImage = (
  { imageName, imageTag }: DockerStorage,
  pushed: Pick<ReportImage, 'repository' | 'digest' | 'tags' | 'platforms'>
): ReportImage => ({ name: imageName ?? '', tag: imageTag ?? '', ...pushed, attached: [] })

/**
 * The platforms of an index as the report describes them.
 *
 * @param checkedOn the platform that the flows were read back on; null for none
 */
export const reportPlatforms = (
  platforms: readonly PlatformDigest[],
  checkedOn: string | null
): readonly ReportPlatform[] =>
  platforms.map(each => ({ ...each, checked: each.platform === checkedOn }))

/** Where a session reads flows back. */
export const checkedIn = ({ kind, session }: LoadSession): NonNullable<CheckedIn> => {
  if (kind === 'container') return 'image'
  return isCell(session.isolation) ? 'cell' : 'runner'
}

/** The load of a build as the report describes it. */
export const reportLoad = ({
  inputs,
  session: { kind, why, session },
  incremental
}: Pick<SettledBuild, 'inputs' | 'session' | 'incremental'>): ReportLoad => ({
  in: kind === 'container' ? 'image' : 'runner',
  why,
  isolation: session.isolation,
  modules: incremental?.modules ?? { loaded: inputs.modules.length, taken: 0 }
})
