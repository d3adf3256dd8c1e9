import { posix } from 'node:path'

/** Maximum number of links that a path may lead through, as in Linux. */
const MOST_LINKS = 40

/**
 * An absolute path with its links resolved; parts that are not there stay as they are.
 *
 * @param linkAt the target of the link at a path; undefined if there is none
 * @returns undefined if there are too many links, as in a circle
 */
export function withoutLinks(
  path: string,
  linkAt: (path: string) => string | undefined,
  links = MOST_LINKS
): string | undefined {
  let current = '/'
  const parts = path.split('/').filter(Boolean)
  for (const [index, part] of parts.entries()) {
    const next = posix.join(current, part)
    const link = linkAt(next)
    if (link !== undefined) {
      const target = posix.join(posix.resolve(current, link), ...parts.slice(index + 1))
      return links === 0 ? undefined : withoutLinks(target, linkAt, links - 1)
    }
    current = next
  }
  return current
}
