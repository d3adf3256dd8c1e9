import type { StoredManifest } from '../../registry/client.js'
import { isLogin, pushRefused, type Refusal } from '../../registry/refusal.js'
import type { Registries } from '../../registry/registries.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import type { Daemon } from '../../docker/connect.js'
import { DaemonError } from '../../docker/daemon-error.js'
import { distrustHint, unreachedHint } from '../../docker/distrust.js'
import {
  referenceText,
  withTag,
  type Reference,
  type RepositoryName
} from '../../registry/reference.js'
import { FlowstoreError, NOTHING_UNDONE, withUndone, type Undone } from '../../errors.js'
import type { Log } from '../../log.js'
import type { ImageRepository } from '../repository.js'
import { unlessInterrupted, unlessLate } from '../../util/interruption.js'
import { beforeEnd } from '../../util/scope.js'
import { readTags, registryTags, type TagMove } from '../tag-move.js'

/**
 * Asks a registry whether it refuses a push; undefined if it accepts one, or if it can't be used from here:
 * then the daemon's push decides.
 *
 * @throws any other error of the request
 */
async function askForRefusal(
  { registry, repository }: RepositoryName,
  registries: Registries,
  login = registries.credentials(registry)
): Promise<Refusal | undefined> {
  try {
    const client = await registries.client(registry, undefined, login)
    return await client.pushRefusal(repository)
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
export async function checkPushAccess(name: RepositoryName, registries: Registries): Promise<void> {
  const refusal = await askForRefusal(name, registries)
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
  registries: Registries,
  log: Pick<Log, 'progress'>
): Promise<string> {
  const { registry, repository } = reference
  const text = referenceText(reference)
  const login = registries.credentials(registry)
  const credentials = await login
  let pushed: string | undefined
  try {
    pushed = await daemon.push(reference, credentials, log.progress.bind(log))
  } catch (error) {
    if (!(error instanceof DaemonError) || error.isBroken) throw error
    const refusal = await askForRefusal(reference, registries, login)
    if (refusal) throw pushRefused(registry, repository, refusal, error)
    throw new FlowstoreError('PUSH_REFUSED', `the push of ${text} failed: ${error.words}`, {
      hint: distrustHint(error.words, registry) ?? unreachedHint(error.words, registry),
      cause: error
    })
  }
  const ask = () => daemon.distributionDigest(reference, credentials)
  let digest: string
  try {
    digest = await ask().catch(ask)
    // A cache in front of the registry may answer with the digest from before the push.
    if (pushed !== undefined && pushed !== digest) digest = await ask()
  } catch (error) {
    if (!(error instanceof DaemonError) || error.isBroken) throw error
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

/** A push by the daemon. */
interface DaemonPush {
  readonly daemon: Daemon
  /** The image, with its own tag. */
  readonly reference: Reference
  readonly registries: Registries
  readonly log: Log
}

/**
 * Pushes an image of the daemon under its own tag.
 *
 * @param repository where its tags are set through the registry's API; undefined if it can't be used from here
 * @returns its digest, and its tags if they can be set that way
 * @throws as {@link pushImage}; then the tag is put back
 */
export async function pushOwnTag(
  { daemon, reference, registries, log }: DaemonPush,
  repository: ImageRepository | undefined,
  tags: readonly string[]
): Promise<{ readonly digest: string; readonly inRegistry: TagMove | undefined }> {
  const { tag: own = '' } = reference
  const all = [own, ...tags]
  const before = repository && (await readTags(repository, all))
  const viaDaemon = async () => ({
    digest: await pushImage(daemon, reference, registries, log),
    inRegistry: undefined
  })
  const isSilent = before !== undefined && [...before.values()].every(digest => digest === null)
  if (repository === undefined || before === undefined || isSilent) return viaDaemon()
  const { client, path } = repository
  const moved = (manifest: StoredManifest) =>
    registryTags({ repository, manifest, tags: all, before, moved: [own] })
  try {
    return await unlessInterrupted(async () => {
      const digest = await pushImage(daemon, reference, registries, log)
      const manifest = await unlessUnusable(client.manifest(path, digest))
      return { digest, inRegistry: manifest && moved(manifest) }
    })
  } catch (error) {
    const putBack = async (): Promise<Undone> => {
      // The push may have set the tag before it failed. What another job set has other labels, and stays.
      const now = await client.manifest(path, own)
      if (now === undefined || now.digest === before.get(own)) return NOTHING_UNDONE
      return (await isPushed(daemon, reference, now)) ? moved(now).putBack() : NOTHING_UNDONE
    }
    const unknown = (): Undone => ({
      putBack: [],
      remains: [`${referenceText(reference)} may be pushed: nothing says what it names`]
    })
    throw withUndone(error, await beforeEnd(unlessLate(putBack().catch(unknown), unknown)))
  }
}

/** Whether a manifest is that of an image of the daemon: its configuration is what the daemon names the image by. */
async function isPushed(
  daemon: Daemon,
  reference: Reference,
  { digest, body }: StoredManifest
): Promise<boolean> {
  const image = await daemon.inspect(referenceText(reference))
  return image !== undefined && (image.id === digest || body.includes(image.id))
}

async function unlessUnusable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RegistryUnusable) return undefined
    throw error
  }
}

/** Tags of an image of the daemon, which the daemon sets, and pushes if `registries` is set. They can't be put back. */
export function daemonTags({
  daemon,
  reference,
  registries,
  log,
  tags
}: Omit<DaemonPush, 'registries'> & {
  readonly registries: Registries | null
  readonly tags: readonly string[]
}): TagMove {
  const set: Reference[] = registries === null ? [] : [reference]
  return {
    move: async () => {
      for (const tag of tags) {
        const tagged = withTag(reference, tag)
        await daemon.tag(referenceText(reference), tagged)
        if (registries === null) continue
        set.push(tagged)
        await pushImage(daemon, tagged, registries, log)
      }
    },
    putBack: () =>
      Promise.resolve({
        putBack: [],
        remains: set
          .splice(0)
          .map(tagged => `${referenceText(tagged)} is pushed: only the daemon reaches the registry`)
      })
  }
}
