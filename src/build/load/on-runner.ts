import type { LoadedFlows } from '../../flows/load.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { differenceText, interpretersLike, madeInterpreter, mismatch } from './interpreters.js'
import { loadInSession, type SessionFlows } from './load-in-session.js'
import type { LoadSession } from './session.js'

/**
 * Loads the flows of an image with an interpreter on this machine that matches the image, else with a new
 * virtual environment that does.
 *
 * @param tryContainer loads in a container if `load-in` is auto and no interpreter matches the image;
 * undefined if no daemon answers
 * @throws FlowstoreError VERSION_MISMATCH
 */
export async function loadOnRunner(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  tryContainer: (why: string) => Promise<SessionFlows | undefined>
): Promise<SessionFlows> {
  const isAuto = inputs.options.loadIn === 'auto'
  const found = await loadWith(
    inputs,
    interpretersLike(inputs, planned, services),
    services,
    isAuto
  )
  if (found.kind === 'loaded') return found.flows
  const inContainer = isAuto ? await tryContainer(found.why) : undefined
  if (inContainer) return inContainer
  const created = madeInterpreter(inputs, planned, services)
  const last = await loadWith(inputs, created, services, false)
  if (last.kind === 'loaded') return last.flows
  throw mismatch(last.differences)
}

/** The result of trying interpreters on this machine. */
type RunnerLoad =
  | { readonly kind: 'loaded'; readonly flows: SessionFlows }
  | {
      readonly kind: 'none'
      /** Why none could be used, as a clause. */
      readonly why: string
      /** How the last one differs from the image. */
      readonly differences: LoadedFlows['differences']
    }

/**
 * Loads with the first interpreter that matches the image.
 *
 * @param hasAlternative whether flows that fail to load here can be loaded in a container: only there do they
 * find files that are not in a package, such as those of the base image
 */
async function loadWith(
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
  return { kind: 'none', why: problem ?? difference ?? 'no interpreter was found', differences }
}
