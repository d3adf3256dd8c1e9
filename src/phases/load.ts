import { FlowstoreError, throwAll } from '../errors.js'
import { loadFlows, noFlow, type LoadedFlows } from '../load/flows.js'
import { containerPython } from '../load/container.js'
import { loadingPython } from '../load/environment.js'
import { interpreterPython } from '../load/interpreter.js'
import { readRequirements } from '../load/requirements.js'
import type { Options } from '../options/options.js'
import { storageLabels } from '../storage/flows-json.js'
import { mergeOwnStorages, sameEnvironment } from '../storage/own.js'
import type { Run } from './discover.js'
import { findEnvironment, inDaemon, makeEnvironment, planImage } from './environment.js'
import { imageKey, knownImage, type KnownImage } from './look-up.js'
import {
  boundToImage,
  differenceText,
  interpreterMade,
  interpretersLike,
  mismatch,
  openContainer,
  type ImageEnvironment,
  type Loading,
  type PlannedImage
} from './python.js'

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

/** Has the environment image: found where it is, else made. */
async function imageEnvironment(run: Run): Promise<ImageEnvironment> {
  const work = await planImage(run)
  const environment = (await findEnvironment(run, work)) ?? (await makeEnvironment(run, work))
  return { work, environment }
}

const load = async (run: Run, { session, expected }: Loading): Promise<LoadedFlows> => {
  const { options, log, modules } = run
  const found = await loadFlows(
    session,
    modules,
    options.storage === 'docker' ? 'reference' : 'value',
    storageLabels(options.storage),
    expected
  )
  if (found.log.trim() !== '') log.debug(found.log.trimEnd())
  return found
}

/** Loads the flows of an image where the options say. */
async function loadForImage(run: Run, image: ImageEnvironment) {
  const { options, log } = run
  const inContainer = async (why: string) => {
    if (options.loadIn !== 'image') log.info(`Loading in a container of the image: ${why}`)
    const loading = await openContainer(run, image, why)
    return { loading, loaded: await load(run, loading) }
  }
  if (options.loadIn === 'image') return inContainer('load-in asks for it')
  const bound = options.loadIn === 'auto' ? boundToImage(run) : undefined
  if (bound !== undefined) return inContainer(bound)
  let last: LoadedFlows['differences'] | undefined
  const onRunner = async (candidates: AsyncIterable<Loading>) => {
    for await (const loading of candidates) {
      const loaded = await load(run, loading)
      if (loaded.differences.length === 0) {
        log.info(`Loading on the runner: ${loading.why}`)
        return { loading, loaded }
      }
      last = loaded.differences
    }
    return undefined
  }
  const found = await onRunner(interpretersLike(run, image))
  if (found) return found
  const why = last ? differenceText(last) : 'no interpreter is at hand'
  if (options.loadIn === 'auto') {
    try {
      await image.work.daemon()
      return await inContainer(why)
    } catch (error) {
      if (!(error instanceof FlowstoreError) || error.code !== 'DAEMON') throw error
      log.info(`${error.message}; no interpreter here is like the image's: ${why}`)
    }
  }
  const made = await onRunner(interpreterMade(run, image))
  if (made) return made
  throw mismatch(last ?? [])
}

/** Loads flows that go into no image: on this machine, or in a container of one. */
async function loadEmbedded(run: Run) {
  const { options, surroundings, log, sources, requirements } = run
  const { cwd, env, cache } = surroundings
  const { image, python } = await log.phase('environment', async () =>
    options.loadIn === 'image'
      ? { image: await imageEnvironment(run), python: '' }
      : {
          image: undefined,
          python: await loadingPython(
            {
              ...{ python: options.python, prefectVersion: options.prefectVersion },
              ...{ requirements, sources, cwd, env, cache }
            },
            log
          )
        }
  )
  return log.phase('load', async () => {
    const place = image
      ? containerPython(
          (await inDaemon(image.environment, image.work)).docker,
          image.environment.image,
          sources
        )
      : interpreterPython({ python, sources, env, envVars: options.envVars })
    const session = await place.open()
    run.defer(() => session.close())
    const loading: Loading = { session, in: image ? 'image' : 'runner', why: '' }
    return { loading, loaded: await load(run, loading) }
  })
}

async function loadOnce(run: Run): Promise<Omit<LoadedRun, 'secrets'> | KnownImage> {
  const { options, log } = run
  if (options.storage !== 'docker') {
    return { run, image: undefined, ...(await loadEmbedded(run)) }
  }
  const found = await log.phase('environment', async () => {
    const work = await planImage(run)
    const environment = (await findEnvironment(run, work)) ?? (await makeEnvironment(run, work))
    const image = { work, environment }
    const planned = { ...image, key: await imageKey(run, image) }
    return (await knownImage(run, planned)) ?? planned
  })
  if ('known' in found) return found
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
  const declared = new Set(
    first.sources.files.filter(file => file.link === undefined).map(file => file.path)
  )
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
  const kept = new Set(merged.flows.map(flow => flow.name))
  return {
    ...found,
    run: { ...found.run, options: merged.options },
    secrets: merged.secrets,
    loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
  }
}
