import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { healthcheck } from '../../flows/check.js'
import { identityOf, type Flow } from '../../flows/flow.js'
import type { BuildDescription } from '../../image/labels.js'
import { NO_TAGS } from '../../image/tag-move.js'
import type { Options } from '../../options/options.js'
import { rulesFor } from '../../prefect/releases.js'
import type { ReadableFlow } from '../../python/protocol/readable-flow.js'
import type { Sources } from '../../sources/sources.js'
import { localFolder } from '../inputs.js'
import { Bytes } from '../../storage/bytes.js'
import { locationIn, storedBytes } from '../../storage/file.js'
import { flowsTemplate } from '../../storage/flows-json.js'
import { LocalStorage, type LocalStorageOptions } from '../../storage/local.js'
import { Memory } from '../../storage/memory.js'
import type { Storage } from '../../storage/storage.js'
import { flowCount } from '../../util/text.js'
import type { SettledBuild } from '../load/loaded-build.js'
import { refuseInFlows, refuseInSources } from '../refuse-secrets.js'
import { leftBehind } from './data-files.js'
import type { Services } from '../services.js'
import { checkedIn, reportLoad, type StoredBuild } from './stored-build.js'

/** Checks loaded flows with the session that loaded them, then adds them to a storage without an image. */
export async function storeWithoutImage(
  build: SettledBuild,
  services: Services
): Promise<StoredBuild> {
  const { inputs, loaded, session } = build
  const { log } = services
  const storage = newStorage(build, services)
  refuseInFlows(loaded.flows, services.findSecret)
  const isSource = storage.content === 'entrypoint'
  if (isSource) await refuseInSources(inputs.sources, services.findSecret)
  if (!storage.readable && !isSource) {
    log.notice({
      level: 'warning',
      message: `Prefect ${loaded.versions.prefect} has no ${storage.name} storage: it can't read this storage.json`
    })
  }
  const beside = inputs.importRoots.filter(root => root !== '.')
  if (isSource && beside.length > 0) {
    log.notice({
      level: 'warning',
      message: `runs from local storage do not look in the folders of python-path (${beside.join(', ')}): what a flow imports from there only in a run is not found. Install the package (python-dependencies), set PYTHONPATH for the worker, or use docker storage`
    })
  }
  const left = await leftBehind(inputs, loaded, storage.kind)
  if (left !== undefined) log.notice(left)
  if (inputs.options.healthcheck) {
    await log.phase('healthcheck', async () => {
      log.progress(`reading ${flowCount(loaded.flows.length)} back`)
      const script = await storedScript(build, storage, services)
      const stored = (flow: Flow): ReadableFlow => {
        const { name, entrypoint } = flow
        if (entrypoint !== undefined) return { kind: 'entrypoint', name, entrypoint, folder: null }
        return {
          kind: 'bytes',
          name,
          bytes: script ?? storedBytes(flow, storage),
          content: script === undefined ? storage.rules.storages[storage.kind].content : 'source'
        }
      }
      await healthcheck(session.session, storage, loaded.flows, stored, log)
    })
  }
  await log.phase('store', async () => {
    await addFlows(storage, loaded.flows)
  })
  return {
    storage,
    built: describeFlows(build, storage, build.keys),
    image: null,
    repository: undefined,
    changed: true,
    environment: null,
    load: reportLoad(build),
    tagMove: NO_TAGS
  }
}

function newStorage(build: SettledBuild, services: Services): Storage {
  const { inputs, loaded, secrets } = build
  const { options } = inputs
  const release = loaded.versions.prefect
  switch (options.storage) {
    case 'local':
      return new LocalStorage({
        release,
        secrets,
        ...placeOf(build, services)
      })
    case 'memory':
      return new Memory({ release, secrets })
    case 'bytes':
      return new Bytes({ release, secrets })
    case 'docker':
      throw new Error('docker storage goes into an image')
  }
}

/** Where local storage keeps flows: in files of its folder, or their sources in a folder of the output directory. */
function placeOf(
  { inputs, loaded }: SettledBuild,
  { cwd }: Services
): Pick<LocalStorageOptions, 'path' | 'storedAsScript' | 'directory' | 'sources'> {
  const { options } = inputs
  if (rulesFor(loaded.versions.prefect).generation.flowsAre === 'pickles') {
    const { path, storedAsScript } = options
    return { path, storedAsScript, directory: localDirectory(options, cwd) }
  }
  return {
    directory: localFolder(options, cwd),
    sources: { ...inputs.sources, importRoots: inputs.importRoots }
  }
}

function localDirectory({ directory }: Options, cwd: string): string | undefined {
  if (directory === undefined || directory.startsWith('~')) return directory
  return resolve(cwd, directory)
}

async function addFlows(storage: Storage, flows: readonly Flow[]): Promise<void> {
  try {
    for (const flow of flows) storage.addFlow(flow)
    await storage.replaceFiles()
  } catch (error) {
    storage.removeFiles()
    throw error
  }
}

/**
 * The module that a storage without an image holds: read from the path where Prefect will read it, else from
 * the repository. Undefined for a storage that holds flows.
 */
async function storedScript(
  { inputs: { sources }, loaded }: SettledBuild,
  { content, path }: Storage,
  { cwd, log }: Services
): Promise<Buffer | undefined> {
  const module = loaded.flows[0]?.module
  if (content !== 'source' || path === undefined || module === undefined) return undefined
  const target = resolve(cwd, path)
  try {
    return await readFile(target)
  } catch (error) {
    log.notice({
      level: 'warning',
      message: `the module belongs at ${target}, which can't be read here (${(error as Error).message}): ${module} is checked instead`,
      file: module
    })
    return readFile(join(sources.root, module))
  }
}

const moduleSize = ({ files }: Sources, module: string): number =>
  files.find(({ path }) => path === module)?.size ?? 0

const describeFlows = (
  { inputs, loaded, failed, session }: SettledBuild,
  storage: Storage,
  keys: ReadonlyMap<string, string>
): BuildDescription => ({
  flows: loaded.flows.map(flow => ({
    name: flow.name,
    module: flow.module,
    line: flow.line,
    location: locationIn(storage, flow),
    size:
      flow.entrypoint === undefined
        ? storedBytes(flow, storage).length
        : moduleSize(inputs.sources, flow.module),
    sha256: null,
    key: keys.get(identityOf(flow)) ?? null
  })),
  versions: loaded.versions,
  dockerfile: '',
  checkedIn: inputs.options.healthcheck ? checkedIn(session) : null,
  flowsTemplate: flowsTemplate(storage) ?? null,
  deployments: null,
  failed: [...failed],
  unaddressable: [],
  checkedOn: null,
  record: null
})
