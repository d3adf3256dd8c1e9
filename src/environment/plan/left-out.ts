import type { Notice } from '../../log.js'
import type { DockerIgnore } from '../../sources/docker-ignore.js'

/** What copies a single path into the image. */
export const FILE_REMEDY = 'add it to the option files as SOURCE:/absolute/destination'

/** Number of paths that a message names. */
const SHOWN = 10

/** The first paths of a list and the number of the others, in one line. */
export function shownPaths(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).join(', ')
  return paths.length > SHOWN ? `${shown} and ${paths.length - SHOWN} more` : shown
}

/** What copies paths that git ignores, with an exception of `.dockerignore` as another way if that would. */
export const withException = (remedy: string, { file, bringsBack }: DockerIgnore): string =>
  bringsBack === undefined ? remedy : `${remedy}, or add !PATTERN to ${file}`

/**
 * The warning that git ignores some paths, which are therefore not copied; none if there are none.
 *
 * @param where where they are, such as `in what the option files copies`
 * @param remedy what copies them, such as {@link FILE_REMEDY}
 */
export function leftOutNotices(
  leftOut: readonly string[],
  where: string,
  remedy: string,
  dockerIgnore: DockerIgnore
): readonly Notice[] {
  if (leftOut.length === 0) return []
  const [paths, are, one] =
    leftOut.length === 1
      ? ['1 path', 'it is', 'it']
      : [`${leftOut.length} paths`, 'they are', 'one']
  const message = `git ignores ${paths} ${where}, so ${are} not copied: ${shownPaths(leftOut)}; to copy ${one}, ${withException(remedy, dockerIgnore)}`
  return [{ level: 'warning', message }]
}
