import { FlowstoreError } from '../../errors.js'
import type { Registries } from '../../registry/registries.js'
import type { Daemon } from '../../docker/daemon.js'
import { isSameRepository, parseReference } from '../../registry/reference.js'
import { RegistryUnusable } from '../../registry/unusable.js'

/** The daemon's facts about an image, and its digest in its registry. */
export async function inspected(daemon: Daemon, reference: string) {
  const facts = await daemon.inspect(reference)
  if (facts === undefined) {
    throw new FlowstoreError('BASE_IMAGE_PULL', `the daemon has no image ${reference}`, {
      hint: 'With local-image the base image is never pulled; build it first, or leave local-image out.'
    })
  }
  const parsed = parseReference(reference)
  const { digest } =
    facts.repoDigests.map(parseReference).find(name => isSameRepository(name, parsed)) ?? {}
  return { facts, digest }
}

/**
 * The digest of a base image, without pulling or starting anything: from the daemon for a local image, else
 * from the registry. Undefined if the registry can't be asked from here.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL for a local image that the daemon does not have
 */
export async function baseDigest(
  daemon: () => Promise<Daemon>,
  reference: string,
  local: boolean,
  registries: Registries
): Promise<string | undefined> {
  if (local) {
    const { facts, digest } = await inspected(await daemon(), reference)
    return digest ?? facts.id
  }
  const { registry, repository, tag, digest } = parseReference(reference)
  if (digest !== undefined) return digest
  try {
    const client = await registries.client(registry)
    return await client.digest(repository, tag ?? 'latest')
  } catch (error) {
    // The daemon's pull decides, and reports the fault.
    if (error instanceof RegistryUnusable || error instanceof FlowstoreError) return undefined
    throw error
  }
}
