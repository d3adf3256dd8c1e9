import { posix } from 'node:path'
import type { HashedSource } from './sources-hash.js'

/** Where a path leads. */
export interface Resolved {
  /** The path of a file or folder, without links in it. */
  readonly path: string
  /** The links on the way. */
  readonly links: readonly HashedSource[]
}

/** As many as Linux follows. */
const MOST_LINKS = 40

/**
 * Follows the links in a path of the sources, also those of its folders.
 *
 * @param entries the sources by path
 * @returns undefined for a link with an absolute target, or for links in a circle
 */
export function followLinks(
  path: string,
  entries: ReadonlyMap<string, HashedSource>
): Resolved | undefined {
  const links: HashedSource[] = []
  for (let now = path; links.length < MOST_LINKS;) {
    const parts = now.split('/')
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const link = above.map(each => entries.get(each)).find(entry => entry?.[3] === false)
    if (link === undefined) return { path: now, links }
    const [from, , target] = link
    if (posix.isAbsolute(target)) return undefined
    links.push(link)
    now = posix.join(posix.dirname(from), target, now.slice(from.length))
    if (now.endsWith('/')) now = now.slice(0, -1)
  }
  return undefined
}
