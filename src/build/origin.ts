import { commitNames, type CommitNames } from '../ci/index.js'
import { originOf, revisionOf, type Origin } from '../ci/origin.js'
import type { Surroundings } from './services.js'

const commits = new WeakMap<Surroundings, Promise<CommitNames>>()
const origins = new WeakMap<Surroundings, Promise<Origin>>()
const revisions = new WeakMap<Surroundings, Promise<string | undefined>>()

/** The value of a run, which is worked out once; a failure is reported where the value is used. */
function once<T>(
  known: WeakMap<Surroundings, Promise<T>>,
  run: Surroundings,
  work: (run: Surroundings) => Promise<T>
): Promise<T> {
  const value = known.get(run) ?? work(run)
  value.catch(() => undefined)
  known.set(run, value)
  return value
}

/** Names of the commit of a run: see {@link commitNames}. */
export const runCommit = (run: Surroundings): Promise<CommitNames> =>
  once(commits, run, ({ env, cwd }) => commitNames(env, cwd))

/** Where a run comes from: see {@link originOf}. A stage may ask for it before it is needed. */
export const runOrigin = (run: Surroundings): Promise<Origin> =>
  once(origins, run, ({ env, cwd }) => originOf(env, cwd, runCommit(run)))

/** The commit of a run alone, which CI services give without git. */
export const runRevision = (run: Surroundings): Promise<string | undefined> =>
  once(revisions, run, ({ env, cwd }) => revisionOf(env, cwd))
