import type { Recorder } from '../log.js'
import { NO_INDEXES, type PackageIndexes } from '../packages/indexes.js'
import { registriesOf, type Registries } from '../registry/registries.js'
import { processScope, Scope } from '../util/scope.js'
import type { FindSecret } from '../util/secret-search.js'

/** The surroundings of a build: all its inputs except the options. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Cache folder. */
  readonly cache: string
}

/** What every stage of a build can use: the surroundings, the log, and clean-up at the end. */
export interface Services extends Surroundings {
  readonly log: Recorder
  /** Default: those that docker's configuration of `env` is for. */
  readonly registries: Registries
  /** The secrets of the options: id to value. Default none. */
  readonly secrets: ReadonlyMap<string, string | Buffer>
  /** Files of this machine that modules must not read, absolute. Default none. */
  readonly secretPaths: readonly string[]
  /** Finds the secrets that the run knows of: `knownSecrets`. Undefined if it knows none. */
  readonly findSecret: FindSecret | undefined
  /** Where packages come from. `env` tells pip and uv the same. Default what those are configured with. */
  readonly indexes: PackageIndexes
  /** Registers work to do when the build ends, also after an error. */
  readonly defer: Scope['defer']
}

/** Runs a build with its services, then cleans up. */
export async function withServices<T>(
  surroundings: Surroundings,
  log: Recorder,
  work: (services: Services) => Promise<T>
): Promise<T> {
  const scope = new Scope(processScope)
  try {
    const none = {
      registries: registriesOf(surroundings.env, [], log),
      secrets: new Map<string, string>(),
      secretPaths: [],
      findSecret: undefined,
      indexes: NO_INDEXES
    }
    return await work({
      ...surroundings,
      ...none,
      log,
      defer: scope.defer
    })
  } finally {
    // A failed clean-up must not hide the result or the error of the build.
    await scope.end().catch((error: unknown) => {
      log.debug(`The clean-up after the build failed: ${String(error)}`)
    })
  }
}
