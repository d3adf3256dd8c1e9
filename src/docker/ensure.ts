import type { Daemon } from './connect.js'
import type { Pull } from './pull.js'

/**
 * Has an image in the daemon: pulled where it is not there.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
 */
export async function ensureImage(daemon: Daemon, pull: Pull): Promise<void> {
  const there = await daemon.engine.image(pull.reference).catch(() => undefined)
  if (there !== undefined) return
  const { pullImage } = await import('./pull.js')
  await pullImage(daemon, pull)
}
