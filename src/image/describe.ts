import { posix } from 'node:path'
import { dockerfileText } from '../docker/dockerfile.js'
import type { DockerStorage } from '../storage/docker.js'
import { identityOf, type Flow } from '../flows/flow.js'
import { locationIn } from '../storage/file.js'
import { flowsTemplate } from '../storage/flows-json.js'
import { sha256, sha256File } from '../util/hash.js'
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
  readonly record: BuildDescription['record']
}

/** Describes a build, except its storage. */
export async function describeBuild(
  storage: DockerStorage,
  layer: FlowLayer,
  environment: EnvironmentText,
  { keys, deployments, failed, unaddressable, checkedIn, checkedOn, record }: FlowFacts
): Promise<BuildDescription> {
  const flows = storage.added
  const [first] = flows
  const modules = new Map<string, Promise<FlowFile>>()
  const fileOf = (flow: Flow): FlowFile | Promise<FlowFile> => {
    const content = layer.files.get(locationIn(storage, flow))
    if (content !== undefined) return { size: content.length, sha256: sha256(content) }
    const path = moduleFile(storage, flow.module)
    const found = modules.get(path) ?? fileInTrees(layer, path)
    modules.set(path, found)
    return found
  }
  const described = flows.map(async flow => {
    const { name, module, line, details } = flow
    const { size, sha256: hash } = await fileOf(flow)
    const key = keys.get(identityOf(flow)) ?? null
    return {
      ...{ name, module, line, location: locationIn(storage, flow), size, sha256: hash, key },
      ...(details && { details: { ...details } })
    }
  })
  return {
    flows: await Promise.all(described),
    versions: first?.versions ?? { python: '', prefect: storage.rules.release, cloudpickle: '' },
    dockerfile: imageDockerfile(layer, environment),
    checkedIn,
    flowsTemplate: flowsTemplate(storage) ?? null,
    deployments,
    failed,
    unaddressable,
    checkedOn,
    record
  }
}

/** The file of a flow: its pickle, or its module. */
interface FlowFile {
  readonly size: number
  readonly sha256: string | null
}

/** The path in the image of a module with flows that entrypoints name. */
const moduleFile = ({ path }: Pick<DockerStorage, 'path'>, module: string): string =>
  posix.join(path ?? '/', module)

/** The path in the image of the file that has a flow. */
export const flowPath = (
  storage: DockerStorage,
  { location, module }: { readonly location: string; readonly module: string }
): string => (storage.content === 'entrypoint' ? moduleFile(storage, module) : location)

/** A file in the trees of a layer, by its path in the image. */
async function fileInTrees({ trees }: FlowLayer, path: string): Promise<FlowFile> {
  for (const { folder, files } of trees) {
    const found = files.find(file => posix.join(folder, file.path) === path)
    if (found !== undefined && 'source' in found) {
      return { size: found.size, sha256: await sha256File(found.source) }
    }
  }
  return { size: 0, sha256: null }
}

/** The Dockerfile of the whole image, as one text. */
export const imageDockerfile = (layer: FlowLayer, { dockerfile, late }: EnvironmentText): string =>
  dockerfile + dockerfileText(flowInstructions(layer, late).instructions)
