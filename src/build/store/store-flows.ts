import { rulesFor } from '../../prefect/releases.js'
import type { SettledBuild } from '../load/loaded-build.js'
import { localModuleHint, withModulesElsewhere } from '../load/module-elsewhere.js'
import type { Services } from '../services.js'
import { storeInImage, type FactsForLater } from './image.js'
import type { StoredBuild } from './stored-build.js'
import { storeWithoutImage } from './without-image.js'

/**
 * Checks loaded flows and puts them into their storage.
 *
 * @param facts go into an image, for a later build to compare with
 */
export async function storeFlows(
  build: SettledBuild,
  services: Services,
  facts: FactsForLater = {}
): Promise<StoredBuild> {
  const { image, inputs, loaded } = build
  try {
    return image === null
      ? await storeWithoutImage(build, services)
      : await storeInImage(build, image, services, facts)
  } catch (error) {
    const isOnMachine = image === null && flowsAre(loaded.versions.prefect) === 'entrypoints'
    throw await withModulesElsewhere(error, inputs, isOnMachine ? localModuleHint : undefined)
  }
}

const flowsAre = (prefect: string) => rulesFor(prefect).generation.flowsAre
