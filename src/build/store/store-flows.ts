import type { SettledBuild } from '../load/loaded-build.js'
import { withModulesElsewhere } from '../load/module-elsewhere.js'
import type { Services } from '../services.js'
import { storeInImage } from './image.js'
import type { StoredBuild } from './stored-build.js'
import { storeWithoutImage } from './without-image.js'

/** Checks loaded flows and puts them into their storage. */
export async function storeFlows(build: SettledBuild, services: Services): Promise<StoredBuild> {
  const { image, inputs } = build
  try {
    return image === null
      ? await storeWithoutImage(build, services)
      : await storeInImage(build, image, services)
  } catch (error) {
    throw await withModulesElsewhere(error, inputs)
  }
}
