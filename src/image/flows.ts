import { posix } from 'node:path'
import type { ModuleFile } from '../load/loader.js'
import type { Daemon } from '../util/docker.js'
import type { Log } from '../util/log.js'
import { tarOf, type TarEntry } from '../util/tar.js'
import { BuildFailure, buildImage } from './build.js'
import { copyInstruction, dockerfileText } from './dockerfile.js'
import type { Environment } from './environment.js'
import { MODULES_FOLDER } from './environment-plan.js'

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
  const folders = [...new Set([...files.keys()].map(location => posix.dirname(location)))]
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

/**
 * The layer as an archive of the image's files: entries sorted, epoch times, root's, and no folder but
 * those of modules, so that what an environment image has stays as it is. The same content makes the
 * same bytes.
 */
export async function layerTar({ files, modules }: FlowLayer): Promise<Buffer> {
  const folders = new Set<string>()
  for (const { path } of modules) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      folders.add(`${MODULES_FOLDER}/${path.slice(0, at)}`)
    }
  }
  const entries: TarEntry[] = [
    ...[...folders].map(path => ({ path: path.slice(1), folder: true as const })),
    ...modules.map(({ path, source, size }) => ({
      path: `${MODULES_FOLDER}/${path}`.slice(1),
      ...{ source, size }
    })),
    ...[...files].map(([location, content]) => ({ path: location.slice(1), content }))
  ].sort((one, other) => (one.path < other.path ? -1 : 1))
  return tarOf(entries)
}

/**
 * Builds the image: the flows, and the modules they need, on an environment image.
 *
 * @returns the image's id; it has no tag yet
 * @throws FlowstoreError IMAGE_BUILD
 */
export async function flowImage(
  daemon: Daemon,
  environment: Environment,
  layer: FlowLayer,
  labels: Readonly<Record<string, string>>,
  log: Log
): Promise<string> {
  const { instructions, context } = flowInstructions(layer, environment.about.late)
  try {
    return await buildImage(
      daemon,
      {
        dockerfile: dockerfileText([`FROM ${environment.image}`, ...instructions]),
        context,
        labels: { ...environment.buildKwargs.labels, ...labels },
        kwargs: environment.buildKwargs
      },
      log
    )
  } catch (error) {
    throw error instanceof BuildFailure ? error.imageBuild('the image') : error
  }
}
