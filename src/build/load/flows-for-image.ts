import { DaemonError } from '../../docker/daemon-error.js'
import { FlowstoreError } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { Options } from '../../options/options.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { differenceText, interpretersLike, madeInterpreter, mismatch } from './interpreters.js'
import { loadInSession, type SessionFlows } from './load-in-session.js'
import { openContainer, type LoadSession } from './session.js'

/** Loads the flows of an image where the option `load-in` says. */
export async function loadForImage(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): Promise<SessionFlows> {
  const { loadIn } = inputs.options
  if (loadIn === 'image') {
    return loadInContainer(inputs, planned, services, 'the flows will run there')
  }
  const bound = loadIn === 'auto' ? boundToImage(inputs.options) : undefined
  if (bound !== undefined) return loadInContainer(inputs, planned, services, bound)
  const found = await loadOnRunner(
    inputs,
    interpretersLike(inputs, planned, services),
    services,
    loadIn === 'auto'
  )
  if (found.kind === 'loaded') return found.flows
  if (loadIn === 'auto') {
    const inContainer = await tryContainer(inputs, planned, services, found.why)
    if (inContainer) return inContainer
  }
  const made = madeInterpreter(inputs, planned, services)
  const last = await loadOnRunner(inputs, made, services, false)
  if (last.kind === 'loaded') return last.flows
  throw mismatch(last.differences)
}

/** Why flows of an image can't be loaded outside it with the same result; undefined where they can. */
function boundToImage(options: Options): string | undefined {
  if (options.dockerfile !== undefined) return 'a dockerfile makes the environment'
  if (options.files.length > 0) return 'files are put into the image'
  if (options.extraDockerfileCommands.length > 0) return 'extra commands run in the image'
  return undefined
}

async function loadInContainer(
  inputs: BuildInputs,
  { environment, request }: PlannedImage,
  services: Services,
  why: string
): Promise<SessionFlows> {
  if (inputs.options.loadIn !== 'image') {
    services.log.info(`Loading in a container of the image: ${why}`)
  }
  const session = await openContainer(environment, request, inputs.sources, why, services)
  return loadInSession(inputs, session, services)
}

/** As {@link loadInContainer}; undefined where no daemon answers. */
async function tryContainer(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  why: string
): Promise<SessionFlows | undefined> {
  try {
    await planned.request.daemon()
  } catch (error) {
    if (!(error instanceof FlowstoreError) || error.code !== 'DAEMON') throw error
    // A daemon that answers, with a failure, is not absent.
    if (error instanceof DaemonError) throw error
    services.log.info(`${error.message}; no interpreter here is like the image's: ${why}`)
    return undefined
  }
  return loadInContainer(inputs, planned, services, why)
}

/** What came of trying interpreters of this machine. */
type RunnerLoad =
  | { readonly kind: 'loaded'; readonly flows: SessionFlows }
  | {
      readonly kind: 'none'
      /** Why none will do, as a clause. */
      readonly why: string
      /** How the last one differs from the image's. */
      readonly differences: LoadedFlows['differences']
    }

/**
 * Loads with the first interpreter that is like the image's.
 *
 * @param hasAlternative whether flows that don't load here can be loaded in a container: what packages
 * don't make, such as a file of the base image, only the image has
 */
async function loadOnRunner(
  inputs: BuildInputs,
  sessions: AsyncIterable<LoadSession>,
  services: Services,
  hasAlternative: boolean
): Promise<RunnerLoad> {
  let differences: LoadedFlows['differences'] = []
  let problem: string | undefined
  for await (const session of sessions) {
    const flows = await loadInSession(inputs, session, services)
    const { loaded } = flows
    const [firstProblem] = loaded.problems
    if (loaded.differences.length > 0) differences = loaded.differences
    else if (firstProblem && hasAlternative) problem = firstProblem.message
    else {
      services.log.info(`Loading on the runner: ${session.why}`)
      return { kind: 'loaded', flows }
    }
  }
  const difference = differences.length > 0 ? differenceText(differences) : undefined
  return { kind: 'none', why: problem ?? difference ?? 'no interpreter is at hand', differences }
}
