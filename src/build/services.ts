import type { Recorder } from '../log.js'

/** Where a build runs: all that it takes from outside its options. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder for what is kept between builds. */
  readonly cache: string
}

/** What the stages of a build work with, beside their input. */
export interface Services extends Surroundings {
  readonly log: Recorder
  /** Has something done when the build has ended, whatever its end. */
  readonly defer: (end: () => Promise<unknown>) => void
}

/** Runs a build with its services, and ends what it left open. */
export async function withServices<T>(
  surroundings: Surroundings,
  log: Recorder,
  work: (services: Services) => Promise<T>
): Promise<T> {
  const ends: (() => Promise<unknown>)[] = []
  const defer: Services['defer'] = end => ends.push(end)
  try {
    return await work({ ...surroundings, log, defer })
  } finally {
    await Promise.allSettled(ends.map(end => end()))
  }
}
