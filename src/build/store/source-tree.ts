import { join, posix } from 'node:path'
import type { FileTree, TreeFile } from '../../image/flow-layer.js'
import { rootBelowTop, type Sources } from '../../sources/sources.js'

/** All sources, where runs look for the modules of their flows and for what these read. */
export function sourceTree(sources: Sources, folder: string): FileTree {
  const below = rootBelowTop(sources)
  const files = sources.files.map(({ path, size, executable, link }): TreeFile => {
    const place = posix.join(below, path)
    if (link !== undefined) return { path: place, link }
    return {
      path: place,
      source: join(sources.root, path),
      size,
      ...(executable && { mode: 0o755 })
    }
  })
  return { folder, files }
}
