import { realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { type Sources, sourcesHash } from '../discover/sources.js'
import { FlowstoreError } from '../errors.js'
import { Docker } from '../image/docker.js'
import type { Environment } from '../image/environment.js'
import type { ModuleFile } from '../image/flows.js'
import type { LoadedFlows } from '../load/flows.js'
import { healthcheck } from '../load/healthcheck.js'
import { LOADER_FILE, type PythonPlace } from '../load/loader.js'
import type { Options } from '../options/options.js'
import { flowFile } from '../storage/file.js'
import type { Flow } from '../storage/flow.js'
import { LocalStorage } from '../storage/local.js'
import { Bytes, Memory, type Storage } from '../storage/storage.js'
import { sha256File, sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { type Run, imageName } from './discover.js'
import type { ImageEnvironment } from './environment.js'

/** Identifies an image by all that a load can see and all that loads. */
const imageKey = async (run: Run, environment: Environment): Promise<string> =>
  sha256Json([
    environment.key,
    environment.lateInstructions,
    await sourcesHash(run.sources),
    run.modules,
    run.options.loadIn,
    run.options.storedAsScript,
    run.options.path ?? null,
    VERSION,
    await sha256File(LOADER_FILE)
  ]).slice(0, 20)

/**
 * A helper module as the declared sources have it, links followed within them. A load runs somebody's
 * code, which could name any file of the runner.
 */
async function moduleFile(
  { root, files }: Sources,
  { file, path }: LoadedFlows['helpers'][number]
): Promise<ModuleFile> {
  const source = await realpath(join(root, file)).catch(() => undefined)
  const declared =
    source === undefined ? undefined : relative(await realpath(root), source).replaceAll(sep, '/')
  const found = files.find(entry => entry.path === declared && entry.link === undefined)
  if (source === undefined || found === undefined) {
    throw new FlowstoreError(
      'LOAD_FAILED',
      `the load wants '${file}' in the image, which is no file of the declared sources`
    )
  }
  return { source, path, size: found.size }
}

/** The image, its flows at their locations, checked and pushed. */
export async function storeInImage(
  run: Run,
  { daemon, environment }: ImageEnvironment,
  loaded: LoadedFlows,
  secrets: readonly string[]
): Promise<Docker> {
  const { options, surroundings, log, sources } = run
  const key = await imageKey(run, environment)
  const storage = new Docker(
    {
      release: loaded.versions.prefect,
      secrets,
      registryUrl: options.registryUrl,
      imageName: imageName(run),
      imageTag: options.imageTag ?? key,
      prefectVersion: options.prefectVersion,
      prefectDirectory: options.prefectDirectory,
      path: options.path,
      storedAsScript: options.storedAsScript,
      key,
      modules: await Promise.all(loaded.helpers.map(helper => moduleFile(sources, helper)))
    },
    { root: surroundings.cwd, env: surroundings.env, log, daemon, environment }
  )
  for (const flow of loaded.flows) storage.addFlow(flow)
  const taken = options.files.find(({ destination }) =>
    [...storage.flows.values()].includes(destination)
  )
  if (taken) {
    throw new FlowstoreError(
      'FILE_DESTINATION',
      `'${taken.source}' in files would lie where a flow does: ${taken.destination}`
    )
  }
  return storage.build({ push: options.push, healthcheck: options.healthcheck })
}

function embeddedStorage(
  options: Options,
  cwd: string,
  release: string,
  secrets: readonly string[]
): Storage {
  switch (options.storage) {
    case 'local':
      return new LocalStorage({
        release,
        secrets,
        path: options.path,
        storedAsScript: options.storedAsScript,
        directory: options.directory?.startsWith('~')
          ? options.directory
          : options.directory && resolve(cwd, options.directory)
      })
    case 'memory':
      return new Memory({ release, secrets })
    case 'bytes':
      return new Bytes({ release, secrets })
    case 'docker':
      throw new Error('docker storage is not an embedded one')
  }
}

/** A storage without an image, its flows checked where they were loaded. */
export async function storeEmbedded(
  run: Run,
  place: PythonPlace,
  loaded: LoadedFlows,
  secrets: readonly string[]
): Promise<Storage> {
  const { options, surroundings, log } = run
  const { prefect } = loaded.versions
  const storage = embeddedStorage(options, surroundings.cwd, prefect, secrets)
  if (!storage.readable) {
    log.notice({
      level: 'warning',
      message: `Prefect ${prefect} has no ${storage.name} storage: it can't read this storage.json itself`
    })
  }
  if (options.healthcheck) {
    await log.phase('healthcheck', () =>
      healthcheck(place, loaded.flows, flow => ({ content: storedBytes(flow, storage) }))
    )
  }
  await log.phase('store', async () => {
    try {
      for (const flow of loaded.flows) storage.addFlow(flow)
      await storage.build()
    } catch (error) {
      if (storage instanceof LocalStorage) storage.removeFiles()
      throw error
    }
  })
  return storage
}

/** A flow as its storage keeps it. */
export const storedBytes = (flow: Flow, storage: Storage): Buffer =>
  storage.kind === 'local' || storage.kind === 'docker' ? flowFile(flow, storage.rules) : flow.bytes
