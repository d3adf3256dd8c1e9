import { FlowstoreError, withRemains } from '../errors.js'
import type { StoredManifest } from '../registry/client.js'
import type { ImageRepository } from './repository.js'
import { RegistryUnusable } from '../registry/unusable.js'

/** Tags, and the digest that each names; undefined for a tag that nobody has set, null if that is not known. */
export type TagDigests = ReadonlyMap<string, string | undefined | null>

/** Tags that an image gets when everything else of a run is complete. */
export interface TagMove {
  /**
   * Sets the tags, the image's own first. Nothing happens the second time.
   *
   * @throws FlowstoreError PUSH_REFUSED, REGISTRY; DAEMON if only the daemon reaches the registry
   */
  readonly move: () => Promise<void>
  /**
   * Puts back each tag that still names the image: to what it named before; one that was new is deleted.
   *
   * @returns what remains, a clause for each tag
   */
  readonly putBack: () => Promise<readonly string[]>
}

/** No tags. */
export const NO_TAGS: TagMove = {
  move: () => Promise.resolve(),
  putBack: () => Promise.resolve([])
}

/** Moves in their order: each begins when the one before it is complete. They are put back in the other order. */
export const inOrder = (...moves: readonly TagMove[]): TagMove => ({
  move: async () => {
    for (const { move } of moves) await move()
  },
  putBack: async () => {
    const remains: string[] = []
    for (const { putBack } of moves.toReversed()) remains.push(...(await putBack()))
    return remains
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
    throw withRemains(error, await tags.putBack())
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
  const set = new Set((moved ?? []).filter(tag => !isOurs(tag)))
  const put = async (tag: string): Promise<void> => {
    if (set.has(tag) || isOurs(tag)) return
    set.add(tag)
    try {
      await client.putManifest(path, tag, mediaType, body)
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
  const putBack = async (tag: string): Promise<string[]> => {
    const former = before.get(tag)
    const left = (why: string) => [
      `${name}:${tag} names ${digest}${former ? ` instead of ${former}` : ''}: ${why}`
    ]
    try {
      if ((await client.digest(path, tag)) !== digest) return []
      if (former === null) return left('what it named before is not known')
      if (former === undefined) {
        const refusal = await client.deleteTag(path, tag)
        return refusal === undefined
          ? []
          : left(`the registry does not delete the tag (${refusal.status}: ${refusal.words})`)
      }
      const earlier = await client.manifest(path, former)
      if (earlier === undefined) return left('the registry lacks what it named before')
      await client.putManifest(path, tag, earlier.mediaType, earlier.body)
      return []
    } catch (error) {
      return left(error instanceof RegistryUnusable ? error.reason : (error as Error).message)
    }
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
    putBack: async () => {
      client.allowRetries(PUT_BACK)
      const remains: string[] = []
      for (const tag of [...set].reverse()) remains.push(...(await putBack(tag)))
      set.clear()
      return remains
    }
  }
}
