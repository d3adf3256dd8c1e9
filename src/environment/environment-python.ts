import { containerPython, type ContainerPython } from '../python/container.js'
import { noSources, type Sources } from '../sources/sources.js'
import type { EnvironmentImage } from './environment.js'
import { daemonWith, type EnvironmentRequest } from './request.js'

/**
 * Python in containers of an environment image.
 *
 * @param sources the files that a load sees; default none
 */
export async function environmentPython(
  environment: EnvironmentImage,
  request: Pick<EnvironmentRequest, 'daemon' | 'credentials' | 'log'>,
  sources: Sources = noSources('/')
): Promise<ContainerPython> {
  const daemon = await daemonWith(environment, request)
  return containerPython(daemon, environment.reference, sources, environment.user)
}
