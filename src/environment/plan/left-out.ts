import type { Notice } from '../../log.js'

/** Number of paths that a message names. */
const SHOWN = 10

/** The first paths of a list and the number of the others, in one line. */
export function shownPaths(paths: readonly string[]): string {
  const shown = paths.slice(0, SHOWN).join(', ')
  return paths.length > SHOWN ? `${shown} and ${paths.length - SHOWN} more` : shown
}

/**
 * The warning that git ignores some paths, which are therefore not copied; none if there are none.
 *
 * @param where where they are, such as `below the sources of files`
 * @param remedy what copies them, such as `name them in files`
 * @param dockerignore the file whose exceptions bring them back
 */
export function leftOutNotices(
  leftOut: readonly string[],
  where: string,
  remedy: string,
  dockerignore: string
): readonly Notice[] {
  if (leftOut.length === 0) return []
  const [paths, are] =
    leftOut.length === 1 ? ['1 path', 'it is'] : [`${leftOut.length} paths`, 'they are']
  const message = `git ignores ${paths} ${where}, so ${are} not copied: ${shownPaths(leftOut)}; ${remedy}, or add !PATTERN to ${dockerignore}`
  return [{ level: 'warning', message }]
}
