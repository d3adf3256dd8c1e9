import { isAbsolute, relative, sep } from 'node:path'

/** A path relative to a folder, with `/`; it begins with `..` if it is not below it. */
export const pathFrom = (folder: string, path: string): string =>
  relative(folder, path).replaceAll(sep, '/')

/** A path relative to a folder, with `/`; empty for the folder itself, undefined if it is not below it. */
export function pathBelow(folder: string, path: string): string | undefined {
  const below = pathFrom(folder, path)
  // On Windows, a path on another drive stays absolute.
  return below === '..' || below.startsWith('../') || isAbsolute(below) ? undefined : below
}
