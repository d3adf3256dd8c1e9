import type { SettledBuild } from '../load/loaded-build.js'
import type { Services } from '../services.js'
import { storeInImage } from './image.js'
import type { StoredBuild } from './stored-build.js'
import { storeWithoutImage } from './without-image.js'

/** Checks loaded flows and puts them into their storage. */
export function storeFlows(build: SettledBuild, services: Services): Promise<StoredBuild> {
  const { image } = build
  return image === null ? storeWithoutImage(build, services) : storeInImage(build, image, services)
}
