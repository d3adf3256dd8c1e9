import type { EnvironmentImage, EnvironmentResult } from '../environment/environment.js'
import { findEnvironment } from '../environment/find.js'
import type { EnvironmentRequest } from '../environment/request.js'
import type { RegistryAccess } from '../image/repository.js'

/**
 * The environment image: found in the registry or the daemon, else built, and pushed where the image with
 * flows is pushed.
 */
export async function findOrMakeEnvironment(
  request: EnvironmentRequest,
  registry: RegistryAccess
): Promise<EnvironmentResult<EnvironmentImage>> {
  const found = await findEnvironment(request, registry)
  const { environment } = found
  if (environment) return { environment, registry: found.registry }
  // What builds is loaded only where something is built: it takes 20 ms.
  const { makeEnvironment } = await import('../environment/make.js')
  return makeEnvironment(request, found.registry)
}
