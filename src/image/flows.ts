import { posix } from 'node:path'
import type { Daemon } from '../util/docker.js'
import type { Log } from '../util/log.js'
import type { TarEntry } from '../util/tar.js'
import { BuildFailure, buildImage } from './build.js'
import { copyInstruction, dockerfileText } from './dockerfile.js'
import { MODULES_FOLDER, type Environment, type EnvironmentPlan } from './environment.js'

/** A module of the repository that flows import at run time. */
export interface ModuleFile {
  /** Path on this machine. */
  readonly source: string
  /** Path below a folder of `sys.path`. */
  readonly path: string
  readonly size: number
}

/** What the last layers hold. */
export interface FlowLayer {
  /** Location to the flow's file; all in one folder. */
  readonly flows: ReadonlyMap<string, Buffer>
  readonly modules: readonly ModuleFile[]
}

/** The instructions that put flows and modules on an environment image, and their context. */
export function flowInstructions(
  { flows, modules }: FlowLayer,
  { lateInstructions }: EnvironmentPlan
): {
  readonly instructions: readonly string[]
  readonly context: readonly TarEntry[]
} {
  const folders = [...new Set([...flows.keys()].map(location => posix.dirname(location)))]
  return {
    instructions: [
      // Modules change less often than flows do.
      ...(modules.length > 0 ? [copyInstruction('modules/', `${MODULES_FOLDER}/`)] : []),
      ...folders.map((folder, index) => copyInstruction(`flows/${index}/`, `${folder}/`)),
      ...lateInstructions
    ],
    context: [
      ...modules.map(({ path, source, size }) => ({ path: `modules/${path}`, source, size })),
      ...[...flows].map(([location, content]) => ({
        path: `flows/${folders.indexOf(posix.dirname(location))}/${posix.basename(location)}`,
        content
      }))
    ]
  }
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
  const { instructions, context } = flowInstructions(layer, environment)
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
