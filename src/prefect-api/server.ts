/** What a server takes: each field was added or renamed in some release. */
export interface ServerFacts {
  /** Null for Prefect Cloud, which is always the newest. */
  readonly version: string | null
  readonly major: number
  /** Name of the job variables in a body: 2.18 renamed them. */
  readonly jobVariables: 'job_variables' | 'infra_overrides'
  /** Whether a deployment has a list of schedules and can be paused; before 2.16 it has one schedule. */
  readonly hasSchedules: boolean
  readonly hasConcurrencyLimit: boolean
  readonly hasLabels: boolean
  /** Whether a schedule has parameters and a slug. */
  readonly hasScheduleParameters: boolean
  /** Whether an upsert gives the fields that its body leaves out their defaults; from 3.0 they stay as they are. */
  readonly resetsAbsentFields: boolean
}

/** The parts of a version that decide, or undefined if it is none. */
export function releaseOf(version: string): readonly [number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version.trim())
  return match === null ? undefined : [Number(match[1]), Number(match[2])]
}

const isFrom = (release: readonly [number, number], major: number, minor: number): boolean =>
  release[0] > major || (release[0] === major && release[1] >= minor)

const NEWEST: readonly [number, number] = [Infinity, 0]

/**
 * What a server of a version takes, as read in the wheels of 2.13.8, 2.14.21, 2.16.9, 2.18.3, 2.20.27, 3.0.11, 3.1.15,
 * 3.2.15, 3.4.25 and 3.9.1.
 *
 * @param version null for Prefect Cloud; a text that is no version counts as the newest
 */
export function serverFacts(version: string | null): ServerFacts {
  const release = (version === null ? undefined : releaseOf(version)) ?? NEWEST
  return {
    version,
    major: release[0],
    jobVariables: isFrom(release, 2, 18) ? 'job_variables' : 'infra_overrides',
    hasSchedules: isFrom(release, 2, 16),
    hasConcurrencyLimit: isFrom(release, 3, 0),
    hasLabels: isFrom(release, 3, 1),
    hasScheduleParameters: isFrom(release, 3, 2),
    resetsAbsentFields: !isFrom(release, 3, 0)
  }
}
