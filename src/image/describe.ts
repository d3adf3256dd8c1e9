import { posix } from 'node:path'
import { dockerfileText } from '../docker/dockerfile.js'
import type { DockerStorage } from '../storage/docker.js'
import { identityOf } from '../flows/flow.js'
import { locationIn } from '../storage/file.js'
import { flowsTemplate } from '../storage/flows-json.js'
import { flowInstructions } from './flow-image.js'
import type { FlowLayer } from './flow-layer.js'
import type { BuildDescription, CheckedIn } from './labels.js'

/** The environment image as the beginning of a Dockerfile. */
export interface EnvironmentText {
  /** The Dockerfile of the environment image. */
  readonly dockerfile: string
  /** Instructions that run after the flows are added. */
  readonly late: readonly string[]
}

/** What a build knows of its flows beside the flows themselves. */
interface FlowFacts {
  /** The keys of flows, by `identityOf`. */
  readonly keys: ReadonlyMap<string, string>
  /** The text of `deployments.json`; null without one. */
  readonly deployments: string | null
  /** Modules whose flows are left out. */
  readonly failed: BuildDescription['failed']
  /** Flows that no entrypoint can name. */
  readonly unaddressable: BuildDescription['unaddressable']
  readonly checkedIn: CheckedIn
  readonly checkedOn: BuildDescription['checkedOn']
}

/** Describes a build, except its storage. */
export function describeBuild(
  storage: DockerStorage,
  layer: FlowLayer,
  environment: EnvironmentText,
  { keys, deployments, failed, unaddressable, checkedIn, checkedOn }: FlowFacts
): BuildDescription {
  const flows = storage.added
  const [first] = flows
  return {
    flows: flows.map(flow => {
      const { name, module, line } = flow
      const location = locationIn(storage, flow)
      const size =
        layer.files.get(location)?.length ??
        sizeInTrees(layer, posix.join(storage.path ?? '/', module))
      const key = keys.get(identityOf(flow)) ?? null
      const { details } = flow
      return {
        name,
        module,
        line,
        location,
        size,
        key,
        ...(details && { details: { ...details } })
      }
    }),
    versions: first?.versions ?? { python: '', prefect: storage.rules.release, cloudpickle: '' },
    dockerfile: imageDockerfile(layer, environment),
    checkedIn,
    flowsTemplate: flowsTemplate(storage) ?? null,
    deployments,
    failed,
    unaddressable,
    checkedOn
  }
}

/** The bytes of a file in the trees of a layer, by its path in the image; 0 if it is not there. */
function sizeInTrees({ trees }: FlowLayer, path: string): number {
  for (const { folder, files } of trees) {
    const found = files.find(file => posix.join(folder, file.path) === path)
    if (found !== undefined && 'size' in found) return found.size
  }
  return 0
}

/** The Dockerfile of the whole image, as one text. */
export const imageDockerfile = (layer: FlowLayer, { dockerfile, late }: EnvironmentText): string =>
  dockerfile + dockerfileText(flowInstructions(layer, late).instructions)
