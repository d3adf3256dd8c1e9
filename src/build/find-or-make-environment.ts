import type { MadeEnvironment } from '../environment/environment.js'
import { FOUND, findEnvironment } from '../environment/find.js'
import type { EnvironmentRequest } from '../environment/request.js'
import type { RegistryAccess } from '../image/repository.js'

/**
 * Finds the environment image in the registry or the daemon. If neither has it, it is built, and pushed if the
 * image with flows is pushed.
 *
 * @param beforeMade checks that come before it is built; an error of them ends the run. Default none
 * @param layers whether the registry is asked for the layers of an image that is found; default `'asked'`
 * @throws FlowstoreError DAEMON, and the errors of the builders
 */
export async function findOrMakeEnvironment(
  request: EnvironmentRequest,
  registry: RegistryAccess,
  beforeMade?: () => Promise<void>,
  layers?: 'asked' | 'trusted'
): Promise<MadeEnvironment> {
  // Looking it up would need the daemon.
  const isRefused = request.builder === 'direct' && registry.kind === 'none'
  const found: Awaited<ReturnType<typeof findEnvironment>> = isRefused
    ? { environment: undefined, registry }
    : await findEnvironment(request, registry, layers)
  const { environment, isAbsent = false } = found
  if (environment) {
    return { environment, registry: found.registry, origin: FOUND }
  }
  if (!isRefused) await beforeMade?.()
  // Imported only for a build: it takes 20 ms to load.
  const { makeWithBuilder } = await import('../environment/builder.js')
  return { ...(await makeWithBuilder(request, found.registry)), wasAbsent: isAbsent }
}
