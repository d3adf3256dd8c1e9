import { dockerfileText } from '../docker/dockerfile.js'
import type { DockerStorage } from '../storage/docker.js'
import { flowsTemplate } from '../storage/flows-json.js'
import { flowInstructions } from './flow-image.js'
import type { FlowLayer } from './flow-layer.js'
import type { BuildDescription } from './labels.js'

/** The environment image as the beginning of a Dockerfile. */
export interface EnvironmentText {
  /** The Dockerfile of the environment image. */
  readonly dockerfile: string
  /** Instructions that run after the flows are added. */
  readonly late: readonly string[]
}

/**
 * Describes a build, except its storage.
 *
 * @param keys the keys of flows, by their names
 */
export function describeBuild(
  storage: DockerStorage,
  layer: FlowLayer,
  environment: EnvironmentText,
  keys: ReadonlyMap<string, string>
): BuildDescription {
  const flows = [...storage.added.values()]
  const [first] = flows
  return {
    flows: flows.map(({ name, module, line }) => {
      const location = storage.flows.get(name) ?? ''
      const size = layer.files.get(location)?.length ?? 0
      return { name, module, line, location, size, key: keys.get(name) ?? null }
    }),
    versions: first?.versions ?? { python: '', prefect: storage.rules.release, cloudpickle: '' },
    dockerfile: imageDockerfile(layer, environment),
    flowsTemplate: flowsTemplate(storage) ?? null
  }
}

/** The Dockerfile of the whole image, as one text. */
export const imageDockerfile = (layer: FlowLayer, { dockerfile, late }: EnvironmentText): string =>
  dockerfile + dockerfileText(flowInstructions(layer, late).instructions)
