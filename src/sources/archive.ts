import { join } from 'node:path'
import type { TarEntry } from '../util/tar.js'
import type { Sources } from './sources.js'

/** Archive entries that put the declared sources below a folder. */
export function sourceEntries(sources: Sources, prefix: string): TarEntry[] {
  const folders = new Set<string>()
  for (const { path } of sources.files) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      folders.add(path.slice(0, slash))
    }
  }
  return [
    // During the import, modules may write files beside themselves, as any user of the image.
    { path: prefix, folder: true, mode: 0o777 },
    ...[...folders].map(path => ({
      path: `${prefix}/${path}`,
      folder: true as const,
      mode: 0o777
    })),
    ...sources.files.map(file =>
      file.link === undefined
        ? {
            path: `${prefix}/${file.path}`,
            source: join(sources.root, file.path),
            size: file.size,
            mode: file.executable ? 0o755 : 0o644
          }
        : { path: `${prefix}/${file.path}`, link: file.link }
    )
  ]
}
