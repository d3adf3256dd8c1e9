import { posix } from 'node:path'
import type { FolderAncestors } from '../../image/flow-layer.js'
import type { BaseFacts } from './base-facts.js'

/** Maximum number of links that a path may lead through, as in Linux. */
const MOST_LINKS = 40

/** The path of a folder with the links of the base image resolved; parts that it lacks stay as they are. */
export function realFolder({ folders }: BaseFacts, path: string, links = MOST_LINKS): string {
  let current = '/'
  const parts = path.split('/').filter(Boolean)
  for (const [index, part] of parts.entries()) {
    const next = posix.join(current, part)
    const link = folders[next]?.link
    if (link !== undefined && links > 0) {
      const target = posix.resolve(current, link, ...parts.slice(index + 1))
      return realFolder({ folders } as BaseFacts, target, links - 1)
    }
    current = next
  }
  return current
}

/** Folders with their parents, as the image has them: those that the base lacks are root's. */
export function ancestorsOf(base: BaseFacts, folders: readonly string[]): FolderAncestors {
  return Object.fromEntries(
    folders.map(folder => {
      const parts = realFolder(base, folder).split('/').filter(Boolean)
      const paths = ['/', ...parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`)]
      return [
        folder,
        paths.map(path => {
          const { mode = 0o755, uid = 0, gid = 0 } = base.folders[path] ?? {}
          return { path, mode, uid, gid }
        })
      ]
    })
  )
}
