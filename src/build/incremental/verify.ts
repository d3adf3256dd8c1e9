import type { EarlierLoads, LoadRecord, LoadRecords } from '../../image/load-records.js'
import type { Log } from '../../log.js'
import type { SettledBuild } from '../load/loaded-build.js'
import { sessionLoad } from '../load/load-in-session.js'
import type { Services } from '../services.js'
import { observeModules, structures, type ObservedModule } from './observe.js'
import { compareRecords, loadKeys, recordsOf, type Comparison, type LoadKeys } from './records.js'

/** The image of an earlier build. */
interface EarlierRecords {
  readonly name: string
  /** What it has of its loads, or why it has nothing; undefined if that was not asked for. */
  readonly loads?: EarlierLoads | string
}

/** What is known after the modules of a build were observed. */
export interface ObservedBuild {
  readonly modules: readonly ObservedModule[]
  readonly records: readonly LoadRecord[]
  readonly keys: LoadKeys
}

const NOT_OBSERVED = { folders: [], changes: 'the load of all modules was not observed' }

/** Loads each module of a loaded build once more, alone and observed. */
export async function observeBuild(
  { inputs, image, loaded, session }: Pick<SettledBuild, 'inputs' | 'image' | 'loaded' | 'session'>,
  log: Log
): Promise<ObservedBuild> {
  const count = inputs.modules.length
  const modules = await observeModules(session.session, sessionLoad(inputs, session), done => {
    log.progress(`observing modules: ${done} of ${count}`)
  })
  const keys = await loadKeys(inputs, image, session.kind)
  const { folders, changes } = loaded.seen ?? NOT_OBSERVED
  const together = { flows: structures(loaded.flows, folders), changes }
  return { modules, records: recordsOf(modules, together, keys.keyNow), keys }
}

/**
 * Observes the modules of a build, and says whether the records of an earlier one would have given the same flows.
 *
 * @returns the records of this build
 */
export async function verifyRecords(
  build: SettledBuild,
  earlier: EarlierRecords | undefined,
  { log }: Services
): Promise<LoadRecords | undefined> {
  if (build.image?.environment.location.kind === 'daemon') {
    log.info('Nothing is recorded: only in a registry an environment image stays the same')
    return undefined
  }
  const { modules, records, keys } = await observeBuild(build, log)
  const known = records.filter(({ key }) => key !== null).length
  log.info(`It is known what ${known} of ${records.length} flow modules are made from`)
  for (const { file, why } of records) if (why !== null) log.debug(`${file}: ${why}`)
  if (typeof earlier?.loads === 'string') {
    log.info(`There are no records in ${earlier.name}: ${earlier.loads}`)
  } else if (earlier?.loads !== undefined) {
    say(compareRecords(earlier.loads.records.modules, modules, keys.keyNow), earlier.name, log)
  }
  return { common: keys.common, together: null, modules: [...records] }
}

function say({ reused, wrong, loaded }: Comparison, name: string, log: Log): void {
  const count = reused.length + loaded.size
  log.info(`By the records in ${name}, ${loaded.size} of ${count} flow modules have to be loaded`)
  for (const [file, why] of loaded) log.debug(`${file} has to be loaded: ${why}`)
  for (const { file, flow } of wrong) {
    log.notice({
      level: 'warning',
      message: `flow "${flow}" is not the one that ${name} has, although nothing has changed that its load saw: taking it from there would have been wrong`,
      file
    })
  }
}
