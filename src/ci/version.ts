/** The version that a git tag names. */
export interface TagVersion {
  readonly major: string
  /** Undefined for a tag such as `v2`. */
  readonly minor: string | undefined
  readonly isPrerelease: boolean
}

/** A git tag without the `v` before a number. */
export const withoutV = (tag: string): string => tag.replace(/^v(?=\d)/, '')

/** `1`, `1.4` or `1.4.2`, then what follows the numbers. */
const VERSION = /^(\d+)(?:\.(\d+))?(?:\.\d+)*(.*)$/

/** What may follow the numbers of a version that is no pre-release: build metadata, or Python's post-release. */
const NO_PRERELEASE = /^(?:\.post\d+)?(?:\+.*)?$/

/**
 * Reads a git tag such as `v1.4.2` or `1.4.2`. Anything else after the numbers makes it a pre-release: `-rc.1` of semantic
 * versions, `rc1` and `.dev1` of Python's.
 *
 * @returns undefined for a tag that is no version
 */
export function tagVersion(tag: string): TagVersion | undefined {
  const match = VERSION.exec(withoutV(tag))
  if (match === null) return undefined
  const [, major = '', minor, rest = ''] = match
  return { major, minor, isPrerelease: !NO_PRERELEASE.test(rest) }
}
