import type { EnvironmentImage } from '../../environment/environment.js'
import { environmentPython } from '../../environment/environment-python.js'
import type { EnvironmentRequest } from '../../environment/request.js'
import type { Log } from '../../log.js'
import { healthcheck } from '../../flows/check.js'
import type { ContainerSession } from '../../python/container.js'
import { inSession, type PythonChecker } from '../../python/loader.js'
import type { DockerStorage } from '../../storage/docker.js'
import { flowAtLocation } from '../../storage/file.js'

/** Reads every flow of a storage back at its location. */
export const checkAtLocations = (
  python: PythonChecker,
  storage: DockerStorage,
  log: Log
): Promise<void> =>
  healthcheck(python, storage, storage.added, flow => flowAtLocation(storage, flow), log)

/**
 * Puts a flow layer into a container of the environment image, and reads the flows back there.
 *
 * @param tar archive of the layer
 */
export async function checkLayerIn(
  container: ContainerSession,
  storage: DockerStorage,
  tar: Buffer,
  log: Log
): Promise<void> {
  await container.putLayer(tar)
  await checkAtLocations(container, storage, log)
}

/** As {@link checkLayerIn}, in a new container. */
export async function checkLayerInNewContainer(
  environment: EnvironmentImage,
  request: Pick<EnvironmentRequest, 'daemon' | 'registries' | 'limits' | 'log'>,
  storage: DockerStorage,
  tar: Buffer
): Promise<void> {
  const python = await environmentPython(environment, request)
  await inSession(
    () => python.open(),
    container => checkLayerIn(container, storage, tar, request.log)
  )
}
