import { join, posix } from 'node:path'
import type { TarEntry } from '../util/tar.js'
import { rootBelowTop, type Sources } from './sources.js'

/**
 * Archive entries that put the declared sources below a folder.
 *
 * @param below the path from that folder down to that of the root; default as on this machine
 */
export function sourceEntries(
  sources: Sources,
  prefix: string,
  below: string = rootBelowTop(sources)
): TarEntry[] {
  const root = posix.join(prefix, below)
  const files = sources.files.map(file => ({ ...file, target: posix.join(root, file.path) }))
  const folders = new Set([prefix])
  for (const path of [`${root}/`, ...files.map(file => file.target)]) {
    let slash = path.indexOf('/', prefix.length + 1)
    for (; slash !== -1; slash = path.indexOf('/', slash + 1)) folders.add(path.slice(0, slash))
  }
  return [
    // During the import, modules may write files beside themselves, as any user of the image.
    ...[...folders].map(path => ({ path, folder: true as const, mode: 0o777 })),
    ...files.map(({ path, target, link, size, executable }) =>
      link === undefined
        ? {
            path: target,
            source: join(sources.root, path),
            size,
            mode: executable ? 0o755 : 0o644
          }
        : { path: target, link }
    )
  ]
}
