import { hostname } from 'node:os'
import { FlowstoreError } from '../errors.js'
import { loadFlows, type LoadedFlows } from '../flows/load.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { storageLabels } from '../storage/flows-json.js'
import type { Run } from './inputs.js'
import { environmentOf, planImage } from './environment.js'
import {
  boundToImage,
  environmentPython,
  openContainer,
  type ImageEnvironment,
  type Loading
} from './python.js'

/** Has the environment image: found where it is, else made. */
async function imageEnvironment(run: Run): Promise<ImageEnvironment> {
  const work = await planImage(run)
  return { work, environment: await environmentOf(run, work) }
}

const load = async (run: Run, { session, expected }: Loading): Promise<LoadedFlows> => {
  const { options, log, modules } = run
  // Python has its own to load meanwhile; what fails here fails again where it is needed.
  void import('./store.js').catch(() => undefined)
  const found = await loadFlows(session, {
    modules,
    helpers: STORAGE_KINDS[options.storage].flowsIn === 'image' ? 'reference' : 'value',
    storageLabels: storageLabels(options.storage, hostname()),
    expected
  })
  if (found.log.trim() !== '') log.debug(found.log.trimEnd())
  return found
}

/** Loads the flows of an image where the options say. */
export async function loadForImage(run: Run, image: ImageEnvironment) {
  const { options, log } = run
  const inContainer = async (why: string) => {
    if (options.loadIn !== 'image') log.info(`Loading in a container of the image: ${why}`)
    const loading = await openContainer(run, image, why)
    return { loading, loaded: await load(run, loading) }
  }
  if (options.loadIn === 'image') return inContainer('the flows will run there')
  const bound = options.loadIn === 'auto' ? boundToImage(run) : undefined
  if (bound !== undefined) return inContainer(bound)
  const { differenceText, interpreterMade, interpretersLike, mismatch } =
    await import('./runner.js')
  let last: LoadedFlows['differences'] | undefined
  let problem: string | undefined
  const onRunner = async (candidates: AsyncIterable<Loading>, otherwise: boolean) => {
    for await (const loading of candidates) {
      const loaded = await load(run, loading)
      const [first] = loaded.problems
      if (loaded.differences.length > 0) last = loaded.differences
      // What packages don't make, such as a file of the base image, only the image has.
      else if (first && otherwise) problem = first.message
      else {
        log.info(`Loading on the runner: ${loading.why}`)
        return { loading, loaded }
      }
    }
    return undefined
  }
  const found = await onRunner(interpretersLike(run, image), options.loadIn === 'auto')
  if (found) return found
  const why = problem ?? (last ? differenceText(last) : 'no interpreter is at hand')
  if (options.loadIn === 'auto') {
    try {
      await image.work.daemon()
      return await inContainer(why)
    } catch (error) {
      if (!(error instanceof FlowstoreError) || error.code !== 'DAEMON') throw error
      log.info(`${error.message}; no interpreter here is like the image's: ${why}`)
    }
  }
  const made = await onRunner(interpreterMade(run, image), false)
  if (made) return made
  throw mismatch(last ?? [])
}

/** Loads flows that go into no image: on this machine, or in a container of one. */
export async function loadEmbedded(run: Run) {
  const { options, surroundings, log, sources, requirements } = run
  const { cwd, env, cache } = surroundings
  const { loadingPython } = await import('../environment/interpreter.js')
  const { interpreterPython } = await import('../python/interpreter.js')
  const { image, python } = await log.phase('environment', async () =>
    options.loadIn === 'image'
      ? { image: await imageEnvironment(run), python: '' }
      : {
          image: undefined,
          python: await loadingPython(
            {
              ...{ python: options.python, prefectVersion: options.prefectVersion },
              installer: options.installer,
              ...{ requirements, sources, cwd, env, cache }
            },
            log
          )
        }
  )
  return log.phase('load', async () => {
    const place = image
      ? await environmentPython(image, sources)
      : interpreterPython({ python, sources, env, envVars: options.envVars })
    const session = await place.open()
    run.defer(() => session.close())
    const loading: Loading = { session, in: image ? 'image' : 'runner', why: '' }
    return { loading, loaded: await load(run, loading) }
  })
}
