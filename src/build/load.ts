import { posix } from 'node:path'
import { throwAll } from '../errors.js'
import { missingNotice, noFlow, type LoadedFlows } from '../flows/load.js'
import { readRequirements } from '../packages/read-requirements.js'
import type { Options } from '../options/options.js'
import { mergeOwnStorages, sameEnvironment } from './settle.js'
import type { Run } from './inputs.js'
import { environmentOf, planImage } from './environment.js'
import { imageKey, knownImage, type KnownImage } from './look-up.js'
import type { Loading, PlannedImage } from './python.js'

/** Flows that were loaded, and the Python that did it, which can still check them. */
export interface LoadedRun {
  /** With the options that the modules' storages add. */
  readonly run: Run
  readonly loaded: LoadedFlows
  readonly loading: Loading
  /** Undefined where the flows go into none. */
  readonly image: PlannedImage | undefined
  /** Names of Prefect secrets. */
  readonly secrets: readonly string[]
}

/** What came of loading: flows, or an image that has them already. */
export type LoadOutcome = LoadedRun | KnownImage

async function loadOnce(run: Run): Promise<Omit<LoadedRun, 'secrets'> | KnownImage> {
  const { options, log } = run
  if (options.storage !== 'docker') {
    const { loadEmbedded } = await import('./loading.js')
    return { run, image: undefined, ...(await loadEmbedded(run)) }
  }
  const found = await log.phase('environment', async () => {
    const work = await planImage(run)
    const environment = await environmentOf(run, work)
    const image = { work, environment }
    const planned = { ...image, key: await imageKey(run, image) }
    // The registry is asked meanwhile; what fails here fails again where it is needed.
    void import('./loading.js').catch(() => undefined)
    if (options.loadIn === 'image') void work.daemon().catch(() => undefined)
    return (await knownImage(run, planned)) ?? planned
  })
  if ('known' in found) return found
  const { loadForImage } = await import('./loading.js')
  return { run, image: found, ...(await log.phase('load', () => loadForImage(run, found))) }
}

const usesImage = ({ storage, loadIn }: Options): boolean =>
  storage === 'docker' || loadIn === 'image'

const withOptions = async (run: Run, options: Options): Promise<Run> => ({
  ...run,
  options,
  requirements: await readRequirements(
    run.surroundings.cwd,
    options.pythonDependencies,
    options.requirementsFile,
    { env: run.surroundings.env, cache: run.surroundings.cache, log: run.log }
  )
})

/**
 * Loads the flows, with what the storages in their modules ask for: that is known once they are
 * loaded, so where it makes another environment they are loaded again, in that one. Where the registry
 * has an image of the same input nothing is loaded.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that is wrong with the modules)
 */
export async function loadMerged(first: Run): Promise<LoadOutcome> {
  const { log, modules } = first
  let found = await loadOnce(first)
  if ('known' in found) return found
  const missing = found.loaded.dependencies.filter(
    line => !first.options.pythonDependencies.includes(line)
  )
  if (found.loaded.problems.length > 0 && missing.length > 0 && usesImage(first.options)) {
    const { options } = first
    log.info(`A module does not import; its Docker storage asks for ${missing.join(' ')}`)
    const pythonDependencies = [...options.pythonDependencies, ...missing]
    found = await loadOnce(await withOptions(first, { ...options, pythonDependencies }))
    if ('known' in found) return found
  }
  throwAll(found.loaded.problems)
  const { options } = found.run
  const declared = new Set(['.'])
  for (const { path, link } of first.sources.files) {
    if (link !== undefined) continue
    for (let at = path; at !== '.'; at = posix.dirname(at)) declared.add(at)
  }
  const merged = mergeOwnStorages(options, found.loaded.flows, path => declared.has(path))
  if (options.storageConflict === 'error') throwAll(merged.conflicts)
  for (const notice of merged.notices) log.notice(notice)
  if (merged.flows.length === 0) throw noFlow(modules)
  const { registryUrl, imageName, imageTag } = merged.options
  const elsewhere = registryUrl !== options.registryUrl || imageName !== options.imageName
  if ((elsewhere || !sameEnvironment(options, merged.options)) && usesImage(options)) {
    log.info('The storages of the modules ask for another environment or place')
    found = await loadOnce(await withOptions(found.run, merged.options))
    if ('known' in found) return found
    throwAll(found.loaded.problems)
  } else if (found.image && imageTag !== options.imageTag) {
    const known = await knownImage({ ...found.run, options: merged.options }, found.image)
    if (known) return known
  }
  for (const { message, file, line } of found.loaded.unregistrable) {
    log.notice({ level: 'warning', message: `no flows.json: ${message}`, file, line })
  }
  for (const missing of found.loaded.missing) log.notice(missingNotice(missing))
  const kept = new Set(merged.flows.map(flow => flow.name))
  return {
    ...found,
    run: { ...found.run, options: merged.options },
    secrets: merged.secrets,
    loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
  }
}
