import { posix } from 'node:path'
import type { ModuleFile } from '../python/loader.js'
import type { Daemon } from '../docker/connect.js'
import type { Log } from '../log.js'
import { tarOf, type TarEntry } from '../util/tar.js'
import { BuildFailure } from '../docker/build.js'
import { copyInstruction, dockerfileText } from '../docker/dockerfile.js'
import type { BuildKwargs } from '../docker/build-kwargs.js'
import type { EnvironmentAbout } from './labels.js'

/** Where helper modules of the repository lie in an image; on PYTHONPATH. */
export const MODULES_FOLDER = '/opt/flowstore'

/** What the last layers hold. */
export interface FlowLayer {
  /** Path in the image to content: the flows at their locations, and what checks them. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly modules: readonly ModuleFile[]
}

/**
 * The instructions that put flows and modules on an environment image, and their context.
 *
 * @param late further instructions, for after the flows
 */
export function flowInstructions(
  { files, modules }: FlowLayer,
  late: readonly string[]
): {
  readonly instructions: readonly string[]
  readonly context: readonly TarEntry[]
} {
  const folders = locationFolders(files)
  return {
    instructions: [
      // Modules change less often than flows do.
      ...(modules.length > 0 ? [copyInstruction('modules/', `${MODULES_FOLDER}/`)] : []),
      ...folders.map((folder, index) => copyInstruction(`flows/${index}/`, `${folder}/`)),
      ...late
    ],
    context: [
      ...modules.map(({ path, source, size }) => ({ path: `modules/${path}`, source, size })),
      ...[...files].map(([location, content]) => ({
        path: `flows/${folders.indexOf(posix.dirname(location))}/${posix.basename(location)}`,
        content
      }))
    ]
  }
}

/** The ways to folders of an environment image. */
export type Ways = EnvironmentAbout['folders']

/** The folders that flows, and what checks them, lie in. */
const locationFolders = (files: FlowLayer['files']): string[] => [
  ...new Set([...files.keys()].map(location => posix.dirname(location)))
]

/** The folders of an environment image that a layer puts something into. */
const foldersOf = ({ files, modules }: FlowLayer): string[] => [
  ...(modules.length > 0 ? [MODULES_FOLDER] : []),
  ...locationFolders(files)
]

/** The folder of a layer that an environment image does not tell the way to, if there is one. */
export const unknownFolder = (layer: FlowLayer, ways: Ways): string | undefined =>
  foldersOf(layer).find(folder => ways[folder] === undefined)

/**
 * The layer as an archive of the image's files: entries sorted, epoch times, root's. The folders on
 * the way are in it as the environment image has them: who unpacks a layer by itself, as Docker's
 * overlay2 does, makes those that it does not name anew, as root's. The same content makes the same bytes.
 */
export async function layerTar(layer: FlowLayer, ways: Ways): Promise<Buffer> {
  const { files, modules } = layer
  const folders = new Map<string, TarEntry>()
  const realPath = (folder: string) => (ways[folder]?.at(-1)?.path ?? '').slice(1)
  for (const folder of foldersOf(layer)) {
    for (const { path, ...owned } of ways[folder] ?? []) {
      folders.set(path, { path: path.slice(1), folder: true, ...owned })
    }
  }
  for (const { path } of modules) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const folder = posix.join(realPath(MODULES_FOLDER), path.slice(0, at))
      folders.set(`/${folder}`, { path: folder, folder: true })
    }
  }
  const entries: TarEntry[] = [
    ...folders.values(),
    ...modules.map(({ path, source, size }) => ({
      path: posix.join(realPath(MODULES_FOLDER), path),
      ...{ source, size }
    })),
    ...[...files].map(([location, content]) => ({
      path: posix.join(realPath(posix.dirname(location)), posix.basename(location)),
      content
    }))
  ].sort((one, other) => (one.path < other.path ? -1 : 1))
  return tarOf(entries)
}

/** The image that flows are put on. */
export interface BaseOfFlows {
  /** Reference that the daemon knows it by. */
  readonly image: string
  /** Instructions that run after the flows are in. */
  readonly late: readonly string[]
  readonly buildKwargs: BuildKwargs
}

/**
 * Builds the image: the flows, and the modules they need, on an environment image.
 *
 * @returns the image's id; it has no tag yet
 * @throws FlowstoreError IMAGE_BUILD
 */
export async function flowImage(
  daemon: Daemon,
  base: BaseOfFlows,
  layer: FlowLayer,
  labels: Readonly<Record<string, string>>,
  log: Log
): Promise<string> {
  const { instructions, context } = flowInstructions(layer, base.late)
  try {
    return await daemon.build(
      {
        dockerfile: dockerfileText([`FROM ${base.image}`, ...instructions]),
        context,
        labels: { ...base.buildKwargs.labels, ...labels },
        kwargs: base.buildKwargs
      },
      log
    )
  } catch (error) {
    throw error instanceof BuildFailure ? error.imageBuild('the image') : error
  }
}
