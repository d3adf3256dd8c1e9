import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { Flow } from '../flows/flow.js'
import type { DockerStorage } from '../storage/docker.js'
import { flowFile } from '../storage/file.js'
import type { FileTree, FlowLayer } from './flow-layer.js'
import { healthcheckFile } from './healthcheck-file.js'
import { checkLayerPath } from './oci/layer-format.js'

/** Maximum bytes of a file's name on the filesystems of images. */
const LONGEST_NAME = 255

/**
 * The layer that holds the flows of a storage: each flow's file at its location, the module itself for a
 * script storage, or only the trees for flows that entrypoints name.
 *
 * @param trees files of the repository that a run needs
 * @param root folder of the flows' modules
 * @throws FlowstoreError STORAGE_INVALID for a name that is too long for a file, and for a script storage
 * with flows from several modules; FILE_DESTINATION for a path of a tree that no layer can hold
 */
export async function layFlows(
  storage: DockerStorage,
  trees: readonly FileTree[],
  root: string
): Promise<FlowLayer> {
  for (const { files } of trees) for (const { path } of files) checkLayerPath(path)
  const flows = storage.added
  const flowCount = flows.length
  if (storage.content === 'entrypoint') return { files: new Map(), trees, flowCount }
  for (const flow of flows) checkFileName(flow, storage.flows.get(flow.name) ?? '')
  const files =
    storage.content === 'source'
      ? await scriptFile(storage, flows, root)
      : await flowFiles(storage, flows)
  return { files, trees, flowCount }
}

function checkFileName({ name, module, line }: Flow, location: string): void {
  const bytes = Buffer.byteLength(posix.basename(location))
  if (bytes <= LONGEST_NAME) return
  throw new FlowstoreError(
    'STORAGE_INVALID',
    `flow "${name.slice(0, 40)}…" would be stored in a file whose name has ${bytes} bytes; the limit is ${LONGEST_NAME}`,
    { file: module, line, hint: 'Prefect derives the location from the name: shorten it.' }
  )
}

async function flowFiles(
  storage: DockerStorage,
  flows: readonly Flow[]
): Promise<Map<string, Buffer>> {
  const home = storage.prefectDirectory ?? storage.rules.home
  const files = new Map([[`${home}/healthcheck.py`, await healthcheckFile(storage.flows)]])
  for (const flow of flows) {
    files.set(storage.flows.get(flow.name) ?? '', flowFile(flow, storage.rules))
  }
  return files
}

async function scriptFile(
  { path = '' }: DockerStorage,
  flows: readonly Flow[],
  root: string
): Promise<Map<string, Buffer>> {
  const modules = [...new Set(flows.map(flow => flow.module))]
  if (modules.length > 1) {
    throw new FlowstoreError(
      'STORAGE_INVALID',
      `a script storage holds one module, but the flows are from ${modules.join(', ')}`
    )
  }
  const [module] = modules
  return module === undefined ? new Map() : new Map([[path, await readFile(join(root, module))]])
}
