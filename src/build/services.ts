import type { Recorder } from '../log.js'
import { processScope, Scope } from '../util/scope.js'

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
  readonly defer: Scope['defer']
}

/** Runs a build with its services, and ends what it left open. */
export async function withServices<T>(
  surroundings: Surroundings,
  log: Recorder,
  work: (services: Services) => Promise<T>
): Promise<T> {
  const scope = new Scope(processScope)
  try {
    return await work({ ...surroundings, log, defer: scope.defer })
  } finally {
    // The build has its result, or its error: what could not be ended changes neither.
    await scope.end().catch((error: unknown) => {
      log.debug(`The clean-up after the build failed: ${String(error)}`)
    })
  }
}
