import { findEnvironment } from '../environment/find.js'
import type { MadeEnvironment } from '../environment/make.js'
import type { EnvironmentRequest } from '../environment/request.js'

/** The environment image: found where it is, else made. */
export async function environmentImage(request: EnvironmentRequest): Promise<MadeEnvironment> {
  const { environment, registry } = await findEnvironment(request)
  if (environment) return { environment, registry }
  // The border between looking up and making: what makes is loaded only where something is to be made.
  const { makeEnvironment } = await import('../environment/make.js')
  return makeEnvironment({ ...request, registry })
}
