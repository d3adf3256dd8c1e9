import { posix } from 'node:path'
import type { ModuleFile } from '../python/loader.js'
import { tarOf, type TarEntry } from '../util/tar.js'

/** The folder of helper modules in an image; it is on PYTHONPATH. */
export const MODULES_FOLDER = '/opt/flowstore'

/** A folder in it for files of the repository, at their paths there. No module can have its name. */
export const REPOSITORY_FILES = 'repository-files'

/** {@link REPOSITORY_FILES} as a path of the image. */
export const REPOSITORY_FOLDER = `${MODULES_FOLDER}/${REPOSITORY_FILES}`

/** The content of an image's last layer. */
export interface FlowLayer {
  /** Path in the image to content: the flows at their locations, and the script that checks them. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Modules of the repository that the flows import when they run, and the files that modules read. */
  readonly modules: readonly ModuleFile[]
  /** What the module of a script storage reads: paths below the folder of that module. */
  readonly beside: readonly ModuleFile[]
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
const foldersOf = ({ files, modules }: FlowLayer): string[] => [
  ...(modules.length > 0 ? [MODULES_FOLDER] : []),
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
    ...repositoryFiles(layer).map(([folder, file]) => ({
      ...file,
      path: posix.join(realPath(folder), file.path)
    })),
    ...[...files].map(([location, content]) => ({
      path: posix.join(realPath(posix.dirname(location)), posix.basename(location)),
      content
    }))
  ]
  return tarOf(entries.sort((one, other) => (one.path < other.path ? -1 : 1)))
}

/** The layer's files of the repository, each with the folder that its path is below. */
function repositoryFiles({ files, modules, beside }: FlowLayer): [string, ModuleFile][] {
  const [scriptFolder = '/'] = locationFolders(files)
  return [
    ...modules.map((file): [string, ModuleFile] => [MODULES_FOLDER, file]),
    ...beside.map((file): [string, ModuleFile] => [scriptFolder, file])
  ]
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
  for (const [base, { path }] of repositoryFiles(layer)) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = posix.join(realPath(base), path.slice(0, slash))
      entries.set(`/${folder}`, { path: folder, folder: true })
    }
  }
  return [...entries.values()]
}
