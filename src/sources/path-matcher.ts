import picomatch from 'picomatch'

/** Whether a text is a pattern, such as `flows/*.py`. A file may have such a name all the same. */
export const isGlob = (target: string): boolean => picomatch.scan(target).isGlob

/** Whether a line of `flows` or `sources` takes away what it matches. `!(a|b).py` is a pattern. */
export const isExclusion = (line: string): boolean => /^!(?!\()/.test(line)

/** A path or pattern with `/`, as options are read on every platform. */
export const slashed = (text: string): string => text.replaceAll('\\', '/')

/** The folder that a pattern begins with; empty for none. */
export const globBase = (pattern: string): string => picomatch.scan(pattern).base

/**
 * Tells which files a line of `flows` or `sources` means. The line is a path or a pattern, and both match files and
 * folders: with a folder, everything below it. `*` stops at a `/` and `**` does not; both match names that begin with
 * a dot.
 *
 * @param line relative to the working directory, with `/` and without one at its end; empty for the working directory
 * @returns a test of paths relative to the working directory
 */
export function pathMatcher(line: string): (path: string) => boolean {
  if (line === '') return () => true
  const isNamed = (path: string): boolean => path === line || path.startsWith(`${line}/`)
  if (!isGlob(line)) return isNamed
  const isMatch = picomatch([line, `${line}/**`], { dot: true })
  return path => isNamed(path) || isMatch(path)
}
