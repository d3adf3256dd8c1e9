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
  request: Pick<EnvironmentRequest, 'daemon' | 'registries' | 'limits' | 'log'>,
  sources: Sources = noSources('/')
): Promise<ContainerPython> {
  const daemon = await daemonWith(environment, request)
  const { reference, user } = environment
  return containerPython(daemon, reference, sources, user, {}, request.limits)
}
