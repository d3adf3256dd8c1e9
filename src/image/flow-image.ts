import { posix } from 'node:path'
import { BuildFailure } from '../docker/image-build.js'
import type { BuildKwargs } from '../docker/build-kwargs.js'
import type { Daemon } from '../docker/daemon.js'
import { copyInstruction, dockerfileText } from '../docker/dockerfile.js'
import type { Log } from '../log.js'
import type { TarEntry } from '../util/tar.js'
import type { Labels } from './labels.js'
import { locationFolders, type FlowLayer } from './flow-layer.js'
import type { FlowImageContent } from './sinks/sink.js'

/** Instructions of a Dockerfile and the build context that they copy from. */
export interface FlowInstructions {
  readonly instructions: readonly string[]
  readonly context: readonly TarEntry[]
}

/**
 * The instructions that put flows and modules on an environment image.
 *
 * @param lateInstructions further instructions that run after the flows
 */
export function flowInstructions(
  { files, trees }: FlowLayer,
  lateInstructions: readonly string[]
): FlowInstructions {
  const folders = locationFolders(files)
  return {
    instructions: [
      // Modules change less often than flows do.
      ...trees.map(({ folder }, index) => copyInstruction(`files/${index}/`, `${folder}/`)),
      ...folders.map((folder, index) => copyInstruction(`flows/${index}/`, `${folder}/`)),
      ...lateInstructions
    ],
    context: [
      ...trees.flatMap((tree, index) =>
        tree.files.map(file => ({ ...file, path: `files/${index}/${file.path}` }))
      ),
      ...[...files].map(([location, content]) => ({
        path: `flows/${folders.indexOf(posix.dirname(location))}/${posix.basename(location)}`,
        content
      }))
    ]
  }
}

/** The environment image, and how the daemon builds an image with flows on it. */
export interface FlowImageBase {
  /** Reference of the environment image, which the daemon has. */
  readonly base: string
  /** Instructions that run after the flows are added. */
  readonly lateInstructions: readonly string[]
  readonly buildKwargs: BuildKwargs
  /** Labels beside those of the flows, which override them. */
  readonly labels: Labels
}

/**
 * Builds the image with the daemon: flows and modules on an environment image.
 *
 * @returns the image's id; it has no tag yet
 * @throws FlowstoreError IMAGE_BUILD
 */
export async function buildFlowImage(
  daemon: Daemon,
  { base, lateInstructions, buildKwargs, labels }: FlowImageBase,
  { layer, labels: ofFlows }: FlowImageContent,
  log: Log
): Promise<string> {
  const { instructions, context } = flowInstructions(layer, lateInstructions)
  const build = {
    dockerfile: dockerfileText([`FROM ${base}`, ...instructions]),
    context,
    labels: { ...labels, ...ofFlows },
    kwargs: buildKwargs
  }
  try {
    return await daemon.build(build, log)
  } catch (error) {
    throw error instanceof BuildFailure ? error.imageBuild('the image') : error
  }
}
