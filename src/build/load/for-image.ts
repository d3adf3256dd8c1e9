import { DaemonError } from '../../docker/daemon-error.js'
import { FlowstoreError } from '../../errors.js'
import { reasonForImage } from '../../options/identity.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import { runOrigin } from '../origin.js'
import type { Services } from '../services.js'
import { incrementalLoad, type EarlierImage } from '../incremental/auto.js'
import { loadAndStart } from './load-and-start.js'
import type { LoadIncrementally, SessionFlows } from './load-in-session.js'
import { strangersReason } from '../untrusted-code.js'
import { loadOnRunner } from './on-runner.js'
import { openContainer } from './session.js'

/**
 * Loads the flows of an image, in a container or on this machine, as the option `load-in` says.
 *
 * @param earlier see {@link EarlierImage}
 */
export async function loadForImage(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  earlier: EarlierImage
): Promise<SessionFlows> {
  const { loadIn, incremental } = inputs.options
  const incrementally =
    incremental === 'auto' ? incrementalLoad(inputs, planned, earlier, services) : undefined
  const loadInContainer = (why: string) =>
    loadWithContainer(inputs, planned, services, why, incrementally)
  if (loadIn === 'image') return loadInContainer('the flows will run there')
  const reason = loadIn === 'auto' ? await reasonForContainer(inputs, services) : undefined
  if (reason !== undefined) return loadInContainer(reason)
  const tryContainer = (why: string) =>
    isThereDaemon(planned, services, why).then(isThere =>
      isThere ? loadInContainer(why) : undefined
    )
  return loadOnRunner(inputs, planned, services, tryContainer, incrementally)
}

/** Why flows are loaded in a container although `load-in` leaves it open, as a clause. */
async function reasonForContainer(
  { options }: BuildInputs,
  services: Services
): Promise<string | undefined> {
  if (options.requireCheck === 'image') return "require-check is 'image'"
  return reasonForImage(options) ?? strangersReason(options, services)
}

async function loadWithContainer(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services,
  why: string,
  incrementally: LoadIncrementally | undefined
): Promise<SessionFlows> {
  if (inputs.options.loadIn !== 'image') {
    services.log.info(`Loading in a container of the image: ${why}`)
  }
  const { environment, request } = planned
  const session = await openContainer(environment, request, inputs.sources, why, services)
  // While Prefect is imported.
  void runOrigin(services)
  return loadAndStart(inputs, planned, session, services, incrementally)
}

/** @param why nothing on this machine can load, for the log */
async function isThereDaemon(
  { request }: PlannedImage,
  { log }: Services,
  why: string
): Promise<boolean> {
  try {
    await request.daemon()
    return true
  } catch (error) {
    if (!(error instanceof FlowstoreError) || error.code !== 'DAEMON') throw error
    // A daemon that answers with a failure is not absent.
    if (error instanceof DaemonError) throw error
    log.info(`${error.message}; no interpreter on this machine matches the image: ${why}`)
    return false
  }
}
