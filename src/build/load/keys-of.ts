import { flowKeys } from '../flow-keys.js'
import type { LoadedBuild } from './loaded-build.js'
import type { Services } from '../services.js'

/** The keys of loaded flows. The log says which of them cover all sources, and why. */
export async function keysOf(
  { inputs, loaded, image }: Pick<LoadedBuild, 'inputs' | 'loaded' | 'image'>,
  { log }: Services
): Promise<ReadonlyMap<string, string>> {
  const { keys, open } = await flowKeys(inputs, loaded.flows, image)
  for (const line of open) log.debug(line)
  return keys
}
