import { posix } from 'node:path'
import type { FileTree } from '../../image/flow-layer.js'
import { projectFolder } from '../../prefect/entrypoint-flows.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import type { DockerStorage } from '../../storage/docker.js'
import type { SettledBuild } from '../load/loaded-build.js'
import type { Services } from '../services.js'
import { dataFiles, scriptData } from './data-files.js'
import { moduleFiles } from './helper-modules.js'
import { secretSources } from './secret-sources.js'
import { sourceTree } from './source-tree.js'

/** The files of the repository that go into an image beside the flows, by folders of the image. */
export async function layerFiles(
  storage: DockerStorage,
  build: SettledBuild,
  project: string,
  services: Services
): Promise<readonly FileTree[]> {
  const { sources, options } = build.inputs
  if (storage.content === 'entrypoint') {
    const notice = await secretSources(sources, options.sources)
    if (notice !== undefined) services.log.notice(notice)
    return [sourceTree(sources, projectFolder(project))]
  }
  const trees = [
    await helpers(storage, build, services),
    await besideScript(storage, build, services)
  ]
  return trees.filter(({ files }) => files.length > 0)
}

/** Modules that flows import when they run, and the files that modules read. */
async function helpers(
  { content }: DockerStorage,
  { inputs, loaded }: SettledBuild,
  { log }: Services
): Promise<FileTree> {
  const modules = await moduleFiles(inputs.sources, loaded.helpers)
  const script = content === 'source' ? loaded.flows[0]?.module : undefined
  const { files, notices } = await dataFiles(inputs, loaded, script)
  for (const notice of notices) log.notice(notice)
  return { folder: MODULES_FOLDER, files: [...modules, ...files] }
}

/** What the module of a script storage reads; nothing for another storage. */
async function besideScript(
  { content, path = '/' }: DockerStorage,
  { inputs, loaded }: SettledBuild,
  { log }: Services
): Promise<FileTree> {
  const [flow] = loaded.flows
  const folder = posix.dirname(path)
  if (content !== 'source' || flow === undefined) return { folder, files: [] }
  const { files, notices } = await scriptData(inputs, loaded, flow.module, path)
  for (const notice of notices) log.notice(notice)
  return { folder, files }
}
