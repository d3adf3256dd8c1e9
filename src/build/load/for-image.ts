import { DaemonError } from '../../docker/daemon-error.js'
import { FlowstoreError } from '../../errors.js'
import { reasonForImage } from '../../options/identity.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { loadInSession, type SessionFlows } from './load-in-session.js'
import { strangersReason } from '../untrusted-code.js'
import { loadOnRunner } from './on-runner.js'
import { openContainer } from './session.js'

/** Loads the flows of an image, in a container or on this machine, as the option `load-in` says. */
export async function loadForImage(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): Promise<SessionFlows> {
  const { loadIn } = inputs.options
  if (loadIn === 'image') {
    return loadInContainer(inputs, planned, services, 'the flows will run there')
  }
  const reason = loadIn === 'auto' ? await reasonForContainer(inputs, services) : undefined
  if (reason !== undefined) return loadInContainer(inputs, planned, services, reason)
  return loadOnRunner(inputs, planned, services, why =>
    tryContainer(inputs, planned, services, why)
  )
}

/** Why flows are loaded in a container although `load-in` leaves it open, as a clause. */
async function reasonForContainer(
  { options }: BuildInputs,
  services: Services
): Promise<string | undefined> {
  if (options.requireCheck === 'image') return "require-check is 'image'"
  return reasonForImage(options) ?? strangersReason(options, services)
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

/** As {@link loadInContainer}; undefined if no daemon answers. */
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
    // A daemon that answers with a failure is not absent.
    if (error instanceof DaemonError) throw error
    services.log.info(`${error.message}; no interpreter on this machine matches the image: ${why}`)
    return undefined
  }
  return loadInContainer(inputs, planned, services, why)
}
