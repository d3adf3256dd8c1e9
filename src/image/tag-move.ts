import { allUndone, FlowstoreError, NOTHING_UNDONE, withUndone, type Undone } from '../errors.js'
import type { StoredManifest } from '../registry/client.js'
import type { ImageRepository } from './repository.js'
import { sleep } from '../http/retry.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { throwIfInterrupted, unlessLate } from '../util/interruption.js'
import { beforeEnd } from '../util/scope.js'

/** Tags, and the digest that each names; undefined for a tag that nobody has set, null if that is not known. */
export type TagDigests = ReadonlyMap<string, string | undefined | null>

/** Tags that an image gets when everything else of a run is complete. */
export interface TagMove {
  /**
   * Sets the tags, the image's own first. Nothing happens the second time. After SIGINT or SIGTERM no further tag is set.
   *
   * @throws FlowstoreError INTERRUPTED, PUSH_REFUSED, REGISTRY; DAEMON if only the daemon reaches the registry
   */
  readonly move: () => Promise<void>
  /**
   * Puts back each tag that still names the image: to what it named before; one that was new is deleted. After SIGINT or
   * SIGTERM it takes no longer than there is time for.
   */
  readonly putBack: () => Promise<Undone>
}

/** No tags. */
export const NO_TAGS: TagMove = {
  move: () => Promise.resolve(),
  putBack: () => Promise.resolve(NOTHING_UNDONE)
}

/** Moves in their order: each begins when the one before it is complete. They are put back in the other order. */
export const inOrder = (...moves: readonly TagMove[]): TagMove => ({
  move: async () => {
    for (const { move } of moves) await move()
  },
  putBack: async () => {
    const parts: Undone[] = []
    for (const { putBack } of moves.toReversed()) parts.push(await putBack())
    return allUndone(parts)
  }
})

/**
 * Sets tags, and puts them back if that fails.
 *
 * @throws as {@link TagMove.move}, with what could not be put back
 */
export async function moveTags(tags: TagMove): Promise<void> {
  try {
    await tags.move()
  } catch (error) {
    throw withUndone(error, await tags.putBack())
  }
}

/** What tags of a repository name. A registry that does not say so may still accept a push. */
export async function readTags(
  { client, path }: ImageRepository,
  tags: readonly string[]
): Promise<TagDigests> {
  return new Map(
    await Promise.all(
      tags.map(async tag => [tag, await client.digest(path, tag).catch(() => null)] as const)
    )
  )
}

/** Milliseconds for requests that put tags back, after a failure that may have been the registry's. */
const PUT_BACK = 20_000

/** Milliseconds for the registry to say whether it has set a tag, once the tag is to be put back. */
const ANSWER = 1_500

/** What the tags of a {@link registryTags} are set to. */
export interface TagTarget {
  readonly repository: ImageRepository
  readonly manifest: StoredManifest
  /** The image's own tag first. */
  readonly tags: readonly string[]
  readonly before: TagDigests
  /** Tags that a daemon's push has set; default none. */
  readonly moved?: readonly string[]
  /** What to do if the registry can't be used from here. */
  readonly hint?: string
}

const IMMUTABLE_HINT =
  'The registry may have immutable or protected tags: leave this one out of tags (or image-tag), use one that is new for each commit, such as {{ sha }}, or let the registry move it.'

/** Tags that are set through the registry's API. A tag that names the image already costs no request. */
export function registryTags(target: TagTarget): TagMove {
  const { repository, manifest, tags, before, moved, hint } = target
  const { client, path, name } = repository
  const { digest, mediaType, body } = manifest
  const isOurs = (tag: string) => before.get(tag) === digest
  // A tag counts as set from the request on: its answer may be lost.
  const set = new Map<string, Promise<unknown>>()
  for (const tag of moved ?? []) if (!isOurs(tag)) set.set(tag, Promise.resolve())
  const abort = new AbortController()
  const put = async (tag: string): Promise<void> => {
    if (set.has(tag) || isOurs(tag)) return
    throwIfInterrupted()
    const setting = client.putManifest(path, tag, mediaType, body, abort.signal)
    set.set(tag, setting)
    try {
      await setting
    } catch (error) {
      throw notSet(tag, error)
    }
  }
  const notSet = (tag: string, error: unknown): unknown => {
    const former = before.get(tag)
    const isUnusable = error instanceof RegistryUnusable
    // Without a cause there was an answer, such as 405 for a tag that is locked.
    const isRefused = isUnusable
      ? error.cause === undefined
      : error instanceof FlowstoreError && error.code === 'PUSH_REFUSED'
    const reason = isUnusable ? error.reason : (error as Error).message
    if (former && isRefused) {
      return new FlowstoreError(
        'PUSH_REFUSED',
        `${name}:${tag} names ${former}, and does not move to ${digest}: ${reason}`,
        { hint: IMMUTABLE_HINT, cause: error }
      )
    }
    return isUnusable
      ? new FlowstoreError('REGISTRY', `the tag ${tag} can't be added to ${name}: ${reason}`, {
          hint,
          cause: error
        })
      : error
  }
  const left = (tag: string, why: string): Undone => {
    const former = before.get(tag)
    const clause = `${name}:${tag} names ${digest}${former ? ` instead of ${former}` : ''}: ${why}`
    return { putBack: [], remains: [clause] }
  }
  const putBack = async (tag: string, isOpen: boolean): Promise<Undone> => {
    const former = before.get(tag)
    try {
      if ((await client.digest(path, tag)) !== digest) {
        if (!isOpen) return NOTHING_UNDONE
        const unsure = `${name}:${tag} may come to name ${digest}: the registry did not answer`
        return { putBack: [], remains: [unsure] }
      }
      if (former === null) return left(tag, 'what it named before is not known')
      if (former === undefined) {
        const refusal = await client.deleteTag(path, tag)
        return refusal === undefined
          ? { putBack: [`${name}:${tag}, which is deleted`], remains: [] }
          : left(tag, `the registry does not delete the tag (${refusal.status}: ${refusal.words})`)
      }
      const earlier = await client.manifest(path, former)
      if (earlier === undefined) return left(tag, 'the registry lacks what it named before')
      await client.putManifest(path, tag, earlier.mediaType, earlier.body)
      return { putBack: [`${name}:${tag} to ${former}`], remains: [] }
    } catch (error) {
      return left(tag, error instanceof RegistryUnusable ? error.reason : (error as Error).message)
    }
  }
  /** The tags whose requests have no answer, and are ended: what was set later could not be put back. */
  const endRequests = async (): Promise<ReadonlySet<string>> => {
    const open = new Set(set.keys())
    const answers = [...set].map(async ([tag, setting]) => {
      await setting.catch(() => undefined)
      open.delete(tag)
    })
    const waiting = new AbortController()
    await Promise.race([Promise.all(answers), sleep(ANSWER, waiting.signal)])
    waiting.abort()
    abort.abort()
    return open
  }
  const putAllBack = async (): Promise<Undone> => {
    if (set.size === 0) return NOTHING_UNDONE
    const open = await endRequests()
    client.allowRetries(PUT_BACK)
    const tags = [...set.keys()]
    set.clear()
    // At the same time: a signal leaves little of it.
    const parts = tags.map(tag =>
      unlessLate(putBack(tag, open.has(tag)), () => left(tag, 'the registry gives no answer'))
    )
    return allUndone(await Promise.all(parts))
  }
  return {
    move: async () => {
      const [own, ...others] = tags
      if (own !== undefined) await put(own)
      // Each is awaited, so that none is set after it was put back.
      const failed = (await Promise.allSettled(others.map(put))).find(
        result => result.status === 'rejected'
      )
      if (failed !== undefined) throw failed.reason
    },
    putBack: () => beforeEnd(putAllBack())
  }
}
