import { RegistryClient } from '../../registry/client.js'
import type { Credentials, FindCredentials } from '../../registry/auth/credentials.js'
import { isLogin, pushRefused, type Refusal } from '../../registry/refusal.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import type { Daemon } from '../../docker/connect.js'
import { DaemonError } from '../../docker/daemon-error.js'
import {
  referenceText,
  withTag,
  type Reference,
  type RepositoryName
} from '../../registry/reference.js'
import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'

/**
 * Asks a registry whether it refuses a push; undefined if it accepts one, or if it can't be used from here:
 * then the daemon's push decides.
 *
 * @throws any other error of the request
 */
async function askForRefusal(
  { registry, repository }: RepositoryName,
  credentials: Credentials | undefined
): Promise<Refusal | undefined> {
  try {
    return await new RegistryClient(registry, credentials).pushRefusal(repository)
  } catch (error) {
    if (error instanceof RegistryUnusable) return undefined
    throw error
  }
}

/**
 * Asks the registry, before any work, whether it will accept a push. Only a clear refusal is an error: if
 * only the daemon can reach the registry, or the registry fails, the push itself decides.
 *
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words
 */
export async function checkPushAccess(
  name: RepositoryName,
  findCredentials: FindCredentials
): Promise<void> {
  const credentials = await findCredentials(name.registry)
  const refusal = await askForRefusal(name, credentials)
  if (refusal && isLogin(refusal.status)) throw pushRefused(name.registry, name.repository, refusal)
}

/**
 * Pushes an image of the daemon, then asks the registry which manifest its tag names.
 *
 * @returns the manifest's digest from the registry
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words; REGISTRY if the tag does not name
 * the pushed image
 */
export async function pushImage(
  daemon: Daemon,
  reference: Reference,
  findCredentials: FindCredentials,
  log: Pick<Log, 'progress'>
): Promise<string> {
  const { registry, repository } = reference
  const text = referenceText(reference)
  const credentials = await findCredentials(registry)
  let pushed: string | undefined
  try {
    pushed = await daemon.push(reference, credentials, log.progress.bind(log))
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error
    const refusal = await askForRefusal(reference, credentials)
    if (refusal) throw pushRefused(registry, repository, refusal, error)
    throw new FlowstoreError('PUSH_REFUSED', `the push of ${text} failed: ${error.words}`, {
      cause: error
    })
  }
  let digest: string
  try {
    digest = await daemon.distributionDigest(reference, credentials)
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error
    throw new FlowstoreError(
      'REGISTRY',
      `${registry} does not give the digest of ${text}: ${error.words}`,
      { hint: 'The image was pushed: run this again, or check the registry.', cause: error }
    )
  }
  if (pushed !== undefined && pushed !== digest) {
    throw new FlowstoreError(
      'REGISTRY',
      `${text} names ${digest}, not the ${pushed} that was pushed`,
      {
        hint: 'Another job pushed the same tag meanwhile: let only one job at a time push a tag, or leave image-tag out.'
      }
    )
  }
  return digest
}

/**
 * Adds tags to an image of the daemon.
 *
 * @param findCredentials for the push of the tags; null for no push
 * @throws as {@link pushImage}
 */
export async function addTags(
  daemon: Daemon,
  image: Reference,
  tags: readonly string[],
  findCredentials: FindCredentials | null,
  log: Pick<Log, 'progress'>
): Promise<void> {
  for (const tag of tags) {
    const tagged = withTag(image, tag)
    await daemon.tag(referenceText(image), tagged)
    if (findCredentials) await pushImage(daemon, tagged, findCredentials, log)
  }
}
