import { findEnvironment } from '../environment/find.js'
import type { MadeEnvironment } from '../environment/make.js'
import type { EnvironmentRequest } from '../environment/request.js'

/** Finds the environment image, or builds it. */
export async function environmentImage(request: EnvironmentRequest): Promise<MadeEnvironment> {
  const { environment, registry } = await findEnvironment(request)
  if (environment) return { environment, registry }
  // The border between look-up and build: the modules that build are loaded only for a build.
  const { makeEnvironment } = await import('../environment/make.js')
  return makeEnvironment({ ...request, registry })
}
