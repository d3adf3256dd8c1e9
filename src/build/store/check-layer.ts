import type { EnvironmentImage } from '../../environment/environment.js'
import { environmentPython } from '../../environment/environment-python.js'
import type { EnvironmentRequest } from '../../environment/request.js'
import type { Log } from '../../log.js'
import { healthcheck } from '../../flows/check.js'
import type { Flow } from '../../flows/flow.js'
import type { ContainerSession } from '../../python/container.js'
import { inSession, type PythonChecker } from '../../python/loader.js'
import type { DockerStorage } from '../../storage/docker.js'
import { flowAtLocation } from '../../storage/file.js'

/**
 * Reads flows of a storage back at their locations.
 *
 * @param flows default all
 */
export const checkAtLocations = (
  python: PythonChecker,
  storage: DockerStorage,
  log: Log,
  flows: readonly Flow[] = storage.added
): Promise<void> => healthcheck(python, storage, flows, flow => flowAtLocation(storage, flow), log)

/**
 * Puts a flow layer into a container of the environment image, and reads the flows back there.
 *
 * @param tar archive of the layer
 */
export async function checkLayerIn(
  container: ContainerSession,
  storage: DockerStorage,
  tar: Buffer,
  log: Log,
  flows?: readonly Flow[]
): Promise<void> {
  await container.putLayer(tar)
  await checkAtLocations(container, storage, log, flows)
}

/** As {@link checkLayerIn}, in a new container. */
export async function checkLayerInNewContainer(
  environment: EnvironmentImage,
  request: Pick<EnvironmentRequest, 'daemon' | 'registries' | 'limits' | 'log'>,
  storage: DockerStorage,
  tar: Buffer,
  flows?: readonly Flow[]
): Promise<void> {
  const python = await environmentPython(environment, request)
  await inSession(
    () => python.open(),
    container => checkLayerIn(container, storage, tar, request.log, flows)
  )
}
