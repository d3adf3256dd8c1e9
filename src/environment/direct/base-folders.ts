import type { FolderAncestors } from '../../image/flow-layer.js'
import { withoutLinks } from '../../image/oci/without-links.js'
import type { BaseFacts } from './base-facts.js'

/** The path of a folder with the links of the base image resolved; parts that it lacks stay as they are. */
export const realFolder = ({ folders }: BaseFacts, path: string): string =>
  withoutLinks(path, each => folders[each]?.link) ?? path

/** Folders with their parents below `/`, as the image has them: those that the base lacks are root's. */
export function ancestorsOf(base: BaseFacts, folders: readonly string[]): FolderAncestors {
  return Object.fromEntries(
    folders.map(folder => {
      const parts = realFolder(base, folder).split('/').filter(Boolean)
      const paths = parts.map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`)
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
