import type { Log } from '../../log.js'
import { newerText } from '../../prefect/releases.js'
import type { LoadOutcome } from './loaded-build.js'

/** The release of Prefect that loaded the flows of a build; empty if Python gave no result. */
export const releaseOf = (build: LoadOutcome): string =>
  build.kind === 'found' ? build.found.storage.rules.release : build.loaded.versions.prefect

/** Says that a release is newer than the newest one that is known. */
export function noticeNewRelease(build: LoadOutcome, log: Log): void {
  const message = newerText(releaseOf(build))
  if (message !== undefined) log.notice({ level: 'notice', message })
}
