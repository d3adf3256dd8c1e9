import { FlowstoreError } from '../errors.js'
import { RegistryClient } from '../registry/client.js'
import type { Credentials, FindCredentials } from '../registry/credentials.js'
import { isLogin, pushRefused, type Refusal } from '../registry/refusal.js'
import type { Daemon } from '../docker/connect.js'
import { daemonWords, followProgress } from '../docker/progress.js'
import { parseReference } from '../registry/reference.js'

const refused = (reference: string, refusal: Refusal, cause?: unknown): FlowstoreError => {
  const { registry, repository } = parseReference(reference)
  return pushRefused(registry, repository, refusal, cause)
}

/** Where a registry can't be asked from here, the daemon's push tells. */
async function askForRefusal(
  reference: string,
  credentials: Credentials | undefined
): Promise<Refusal | undefined> {
  const { registry, repository } = parseReference(reference)
  try {
    return await new RegistryClient(registry, credentials).pushRefusal(repository)
  } catch {
    return undefined
  }
}

/**
 * Asks the registry, before any work, whether it will let a push in. Only a plain no counts: a
 * registry that the daemon alone can reach, or one in trouble, is left to the push itself.
 *
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words
 */
export async function checkPushAccess(
  reference: string,
  findCredentials: FindCredentials
): Promise<void> {
  const credentials = await findCredentials(parseReference(reference).registry)
  const refusal = await askForRefusal(reference, credentials)
  if (refusal && isLogin(refusal.status)) throw refused(reference, refusal)
}

/**
 * Pushes an image that the daemon has, then asks the registry which manifest its tag names.
 *
 * @param reference `registry/name:tag`
 * @returns the manifest's digest, as the registry gives it
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words; REGISTRY when the tag
 * does not name what was pushed
 */
export async function pushImage(
  daemon: Daemon,
  reference: string,
  findCredentials: FindCredentials
): Promise<string> {
  const { registry, tag } = parseReference(reference)
  const credentials = await findCredentials(registry)
  // Without the header old daemons refuse the request itself.
  const authconfig = { serveraddress: registry, ...credentials } as never
  const docker = await daemon.docker()
  const image = docker.getImage(reference)
  let pushed: string | undefined
  try {
    const stream = await image.push({ tag, authconfig })
    await followProgress(docker, stream, event => {
      pushed = event.aux?.Digest ?? pushed
    })
  } catch (error) {
    const refusal = await askForRefusal(reference, credentials)
    if (refusal) throw refused(reference, refusal, error)
    throw new FlowstoreError(
      'PUSH_REFUSED',
      `the push of ${reference} failed: ${daemonWords(error)}`,
      {
        cause: error
      }
    )
  }
  let digest: string
  try {
    // Through the daemon: it reaches the registry that it pushed to, wherever it runs.
    const facts = (await image.distribution({ authconfig })) as {
      Descriptor: { digest: string }
    }
    digest = facts.Descriptor.digest
  } catch (error) {
    throw new FlowstoreError(
      'REGISTRY',
      `${registry} does not tell the digest of ${reference}: ${daemonWords(error)}`,
      { cause: error }
    )
  }
  if (pushed !== undefined && pushed !== digest) {
    throw new FlowstoreError(
      'REGISTRY',
      `${reference} names ${digest}, not the ${pushed} that was pushed`,
      { hint: 'Another push to the same tag came between: let one job at a time push a tag.' }
    )
  }
  return digest
}

/**
 * Gives an image that the daemon has further tags.
 *
 * @param image its reference
 * @param findCredentials for pushing them; null leaves them to the daemon
 * @throws as {@link pushImage}
 */
export async function addTags(
  daemon: Daemon,
  repository: string,
  image: string,
  tags: readonly string[],
  findCredentials: FindCredentials | null
): Promise<void> {
  for (const tag of tags) {
    await (await daemon.docker()).getImage(image).tag({ repo: repository, tag })
    if (findCredentials) await pushImage(daemon, `${repository}:${tag}`, findCredentials)
  }
}
