import { posix } from 'node:path'
import { MODULES_FOLDER } from '../prefect/pickled-flows.js'
import type { ModuleFile } from '../python/loader.js'
import { tarOf, type TarEntry } from '../util/tar.js'

/** A folder in it for files of the repository, at their paths there. No module can have its name. */
export const REPOSITORY_FILES = 'repository-files'

/** {@link REPOSITORY_FILES} as a path of the image. */
export const REPOSITORY_FOLDER = `${MODULES_FOLDER}/${REPOSITORY_FILES}`

/** A file or a link below a folder of an image. */
export type TreeFile = ModuleFile | { readonly path: string; readonly link: string }

/** Files below a folder of an image. */
export interface FileTree {
  /** A folder that the environment image has. */
  readonly folder: string
  /** Their paths are relative to the folder. */
  readonly files: readonly TreeFile[]
}

/** The content of an image's last layer. */
export interface FlowLayer {
  /** Path in the image to content: the flows at their locations, and the script that checks them. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Files of the repository: modules that flows import when they run, what these read, or all sources. */
  readonly trees: readonly FileTree[]
  readonly flowCount: number
}

/** A folder with its owner and mode. */
interface OwnedFolder {
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** By folder of an image: its ancestors from the root down, then the folder itself, with links resolved. */
export type FolderAncestors = Readonly<Record<string, readonly OwnedFolder[]>>

/** The folders of the flows and of the script that checks them. */
export const locationFolders = (files: FlowLayer['files']): string[] => [
  ...new Set([...files.keys()].map(location => posix.dirname(location)))
]

/** The folders of an environment image to which a layer adds files. */
const foldersOf = ({ files, trees }: FlowLayer): string[] => [
  ...trees.map(({ folder }) => folder),
  ...locationFolders(files)
]

/** The first folder of a layer that the environment image does not describe, if any. */
export const unknownFolder = (layer: FlowLayer, ancestors: FolderAncestors): string | undefined =>
  foldersOf(layer).find(folder => ancestors[folder] === undefined)

/**
 * The layer as an archive of the image's files: entries sorted, epoch times, owned by root. The same content
 * gives the same bytes.
 *
 * It has the parent folders of the files as they are in the environment image: Docker's overlay2 unpacks each
 * layer separately, and would create missing folders with root as their owner.
 */
export async function layerTar(layer: FlowLayer, ancestors: FolderAncestors): Promise<Buffer> {
  const { files } = layer
  const realPath = (folder: string) => (ancestors[folder]?.at(-1)?.path ?? '').slice(1)
  const entries: TarEntry[] = [
    ...folderEntries(layer, ancestors, realPath),
    ...layer.trees.flatMap(({ folder, files: below }) =>
      below.map(file => ({ ...file, path: posix.join(realPath(folder), file.path) }))
    ),
    ...[...files].map(([location, content]) => ({
      path: posix.join(realPath(posix.dirname(location)), posix.basename(location)),
      content
    }))
  ]
  return tarOf(entries.sort((one, other) => (one.path < other.path ? -1 : 1)))
}

function folderEntries(
  layer: FlowLayer,
  ancestors: FolderAncestors,
  realPath: (folder: string) => string
): TarEntry[] {
  const entries = new Map<string, TarEntry>()
  for (const folder of foldersOf(layer)) {
    for (const { path, mode, uid, gid } of ancestors[folder] ?? []) {
      entries.set(path, { path: path.slice(1), folder: true, mode, uid, gid })
    }
  }
  for (const { folder: base, files } of layer.trees) {
    const top = realPath(base)
    for (const { path } of files) {
      const full = posix.join(top, path)
      // Folders that the environment image has are there already.
      for (let folder = posix.dirname(full); !entries.has(`/${folder}`) && folder !== '.';) {
        entries.set(`/${folder}`, { path: folder, folder: true })
        folder = posix.dirname(folder)
      }
    }
  }
  return [...entries.values()]
}
