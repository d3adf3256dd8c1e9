import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { healthcheck } from '../../flows/check.js'
import { identityOf, type Flow } from '../../flows/flow.js'
import type { BuildDescription } from '../../image/labels.js'
import type { Options } from '../../options/options.js'
import type { ReadableFlow } from '../../python/protocol/readable-flow.js'
import { Bytes } from '../../storage/bytes.js'
import { storedBytes } from '../../storage/file.js'
import { flowsTemplate } from '../../storage/flows-json.js'
import { LocalStorage } from '../../storage/local.js'
import { Memory } from '../../storage/memory.js'
import type { Storage } from '../../storage/storage.js'
import { flowCount } from '../../util/text.js'
import type { SettledBuild } from '../load/loaded-build.js'
import { leftBehind } from './data-files.js'
import type { Services } from '../services.js'
import { keysOf } from './keys-of.js'
import { reportLoad, type StoredBuild } from './stored-build.js'

/** Checks loaded flows with the session that loaded them, then adds them to a storage without an image. */
export async function storeWithoutImage(
  build: SettledBuild,
  services: Services
): Promise<StoredBuild> {
  const { inputs, loaded, session } = build
  const { log } = services
  const storage = newStorage(build, services)
  if (!storage.readable) {
    log.notice({
      level: 'warning',
      message: `Prefect ${loaded.versions.prefect} has no ${storage.name} storage: it can't read this storage.json`
    })
  }
  const left = await leftBehind(inputs, loaded, storage.kind)
  if (left !== undefined) log.notice(left)
  if (inputs.options.healthcheck) {
    await log.phase('healthcheck', async () => {
      log.progress(`reading ${flowCount(loaded.flows.length)} back`)
      const script = await storedScript(build, storage, services)
      const stored = (flow: Flow): ReadableFlow => ({
        kind: 'bytes',
        name: flow.name,
        bytes: script ?? storedBytes(flow, storage),
        content: script === undefined ? storage.rules.storages[storage.kind].content : 'source'
      })
      await healthcheck(session.session, storage, loaded.flows, stored, log)
    })
  }
  await log.phase('store', () => addFlows(storage, loaded.flows))
  return {
    storage,
    built: describeFlows(build, storage, await keysOf(build, services)),
    image: null,
    changed: true,
    load: reportLoad(session)
  }
}

function newStorage(
  { inputs: { options }, loaded, secrets }: SettledBuild,
  { cwd }: Services
): Storage {
  const release = loaded.versions.prefect
  switch (options.storage) {
    case 'local':
      return new LocalStorage({
        release,
        secrets,
        path: options.path,
        storedAsScript: options.storedAsScript,
        directory: localDirectory(options, cwd)
      })
    case 'memory':
      return new Memory({ release, secrets })
    case 'bytes':
      return new Bytes({ release, secrets })
    case 'docker':
      throw new Error('docker storage goes into an image')
  }
}

function localDirectory({ directory }: Options, cwd: string): string | undefined {
  if (directory === undefined || directory.startsWith('~')) return directory
  return resolve(cwd, directory)
}

async function addFlows(storage: Storage, flows: readonly Flow[]): Promise<void> {
  try {
    for (const flow of flows) storage.addFlow(flow)
    await storage.build()
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

const describeFlows = (
  { loaded }: SettledBuild,
  storage: Storage,
  keys: ReadonlyMap<string, string>
): BuildDescription => ({
  flows: loaded.flows.map(flow => ({
    name: flow.name,
    module: flow.module,
    line: flow.line,
    location: storage.flows.get(flow.name) ?? '',
    size: storedBytes(flow, storage).length,
    key: keys.get(identityOf(flow)) ?? null
  })),
  versions: loaded.versions,
  dockerfile: '',
  flowsTemplate: flowsTemplate(storage) ?? null
})
