import { allEnded } from '../../util/all-ended.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { loadInSession, type LoadIncrementally, type SessionFlows } from './load-in-session.js'
import type { ImageSession } from './session.js'

/**
 * Loads the flows of an image, and starts what has to start in its environment if nothing has so far. That is done
 * meanwhile; with an interpreter that may not be like the image, after the load has compared them.
 *
 * @throws FlowstoreError IMAGE_BUILD for a command that does not start, and the errors of the load
 */
export async function loadAndStart(
  inputs: BuildInputs,
  { firstStart }: PlannedImage,
  session: ImageSession,
  services: Services,
  incrementally: LoadIncrementally | undefined
): Promise<SessionFlows> {
  const load = loadInSession(inputs, session, services, incrementally)
  if (firstStart === undefined) return load
  const start = async (): Promise<void> => {
    if (session.isCompared) {
      const { loaded } = await load
      if (loaded.differences.length > 0) return
    }
    await firstStart.in(session.python)
  }
  const [flows] = await allEnded([load, start()])
  return flows
}
