import { readFile, realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { Sources } from '../sources/sources.js'
import { FlowstoreError } from '../errors.js'
import { Docker } from './docker.js'
import { type FlowLayer, layerTar, unknownFolder } from '../image/flow-layer.js'
import { addTags } from '../image/push.js'
import type { ContainerSession } from '../python/container.js'
import type { LoadedFlows } from '../flows/load.js'
import { healthcheck } from '../flows/check.js'
import { type FlowToCheck, inSession, type ModuleFile } from '../python/loader.js'
import type { Options } from '../options/options.js'
import { appendLayer } from '../image/append.js'
import { AppendUnsupported } from '../registry/unsupported.js'
import { storedBytes } from '../storage/file.js'
import type { Flow } from '../flows/flow.js'
import type { ReadableFlow } from '../flows/stored.js'
import { LocalStorage } from '../storage/local.js'
import { Bytes } from '../storage/bytes.js'
import { Memory } from '../storage/memory.js'
import type { Storage } from '../storage/storage.js'
import { VERSION } from '../version.js'
import { type Run, imageName } from './inputs.js'
import { inDaemon } from './environment.js'
import type { LoadedRun } from './load.js'
import { environmentPython, type PlannedImage } from './python.js'
import { furtherTags } from './tags.js'
import type { Target } from './target.js'

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

/** The storage of an image, with every flow in it. */
async function dockerStorage(
  { run, loaded, secrets }: LoadedRun,
  { environment, work, key }: PlannedImage
): Promise<Docker> {
  const { options, surroundings, log, sources } = run
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
    {
      ...{ root: surroundings.cwd, env: surroundings.env, log, environment },
      daemon: () => inDaemon(environment, work)
    }
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
  return storage
}

/**
 * Reads the flows back from the layer: in the container that loaded them, if its files are still those
 * of the image, else in a new one; on the runner, from a folder that has the layer's modules.
 */
async function checkLayer(
  { run, loaded, loading }: LoadedRun,
  image: PlannedImage,
  storage: Docker,
  layer: FlowLayer,
  tar: Buffer
): Promise<void> {
  const { content } = storage
  const located = ({ name }: Flow) => ({
    kind: 'file' as const,
    name,
    path: storage.flows.get(name) ?? '',
    content
  })
  const inContainer = async (session: ContainerSession) => {
    await session.putLayer(tar)
    await healthcheck(session, loaded.flows, located)
  }
  if (loading.container === undefined) {
    const stored = (flow: Flow) => ({
      kind: 'bytes' as const,
      name: flow.name,
      bytes: layer.files.get(located(flow).path) ?? storedBytes(flow, storage),
      content
    })
    const checker = {
      check: (flows: readonly FlowToCheck[]) => loading.session.check(flows, layer.modules)
    }
    await healthcheck(checker, loaded.flows, stored)
    return
  }
  const changed = await loading.container.changes()
  if (changed?.length === 0) {
    await inContainer(loading.container)
    return
  }
  const what = changed?.slice(0, 3).join(', ') ?? 'files that are too many to look at'
  run.log.info(`Modules may have changed ${what} while they were loaded: a new container checks`)
  const fresh = await environmentPython(image)
  await inSession(() => fresh.open(), inContainer)
}

/** An image that is where it belongs. */
export interface StoredImage {
  readonly storage: Docker
  /** Undefined where it was not pushed. */
  readonly digest: string | undefined
  /** Further tags that name it. */
  readonly tags: readonly string[]
}

/** The image, its flows at their locations, checked and pushed. */
export async function storeInImage(found: LoadedRun, image: PlannedImage): Promise<StoredImage> {
  const { run, loading } = found
  const { options, log } = run
  const storage = await dockerStorage(found, image)
  const tags = furtherTags(run)
  const { target } = image.work
  const layer = await storage.layer()
  const unable = appendObstacle(run, image, layer)
  if (unable === undefined && target) {
    const tar = await layerTar(layer, image.environment.about.folders)
    if (options.healthcheck) {
      await log.phase('healthcheck', () => checkLayer(found, image, storage, layer, tar))
    }
    // What is left is the registry's: the container goes meanwhile.
    void loading.session.close().catch(() => undefined)
    const digest = await log.phase('push', () => append(run, target, image, storage, tar, tags))
    if (digest !== undefined) return { storage, digest, tags }
  } else if (options.assemble === 'append') {
    throw cannotAppend(unable ?? 'the image is not pushed')
  } else if (unable !== undefined) {
    log.info(`The daemon builds the image: ${unable}`)
  }
  await storage.build({ push: options.push, healthcheck: options.healthcheck })
  if (tags.length > 0) {
    const { environment, work } = image
    const credentials = options.push ? work.credentials : undefined
    const { repository, imageTag = '' } = storage
    const made = `${repository}:${imageTag}`
    await log.phase('tags', async () =>
      addTags(await inDaemon(environment, work), repository, made, tags, credentials)
    )
  }
  return { storage, digest: storage.digest, tags }
}

/** Why a layer can't be put on the environment image in the registry, or undefined. */
function appendObstacle(
  { options }: Run,
  { environment, work }: PlannedImage,
  layer: FlowLayer
): string | undefined {
  if (options.assemble === 'build') return 'assemble asks for it'
  if (work.target === undefined) return undefined
  if (work.target.unsupported !== undefined) return work.target.unsupported
  if (environment.about.late.length > 0) return 'extra-dockerfile-commands run after the flows'
  if (environment.remote === undefined) return 'the registry lacks the environment image'
  const unknown = unknownFolder(layer, environment.about.folders)
  return unknown && `the environment image does not tell of the folder ${unknown}`
}

const cannotAppend = (why: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('REGISTRY', `the flows can't be put on the environment image: ${why}`, {
    hint: 'With assemble: auto the daemon builds and pushes the image instead.',
    cause
  })

/** The digest of the image with its layer, or undefined where the daemon has to do it after all. */
async function append(
  { options, log }: Run,
  { client, repository, name, seen }: Target,
  { environment }: PlannedImage,
  storage: Docker,
  tar: Buffer,
  tags: readonly string[]
): Promise<string | undefined> {
  const { remote, buildKwargs } = environment
  if (remote === undefined) return undefined
  const count = storage.flows.size
  const tag = storage.imageTag ?? ''
  // A tag that is the key of its content means the same, whoever pushes it.
  const mayMove = options.imageTag !== undefined && seen.has(tag)
  const before = mayMove ? client.digest(repository, tag).catch(() => undefined) : undefined
  try {
    const digest = await appendLayer(
      client,
      repository,
      remote,
      { tar, createdBy: `flowstore ${VERSION}: ${count} ${count === 1 ? 'flow' : 'flows'}` },
      { ...buildKwargs.labels, ...(await storage.labels()) },
      [tag, ...tags],
      { created: new Date() }
    )
    const moved = await before
    if (moved !== undefined && ![digest, seen.get(tag)].includes(moved)) {
      log.notice({
        level: 'warning',
        message: `${name}:${tag} moved while this image was made: another push had it name ${moved}; now it names ${digest}`
      })
    }
    return digest
  } catch (error) {
    if (!(error instanceof AppendUnsupported)) throw error
    if (options.assemble === 'append') throw cannotAppend(error.reason, error)
    log.notice({
      level: 'notice',
      message: `the daemon builds and pushes the image, for ${error.reason}`
    })
    return undefined
  }
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

/**
 * The module that a storage without an image holds itself: read where Prefect will; where it is not yet,
 * as the repository has it. Undefined for a storage that holds flows.
 */
async function storedScript(
  { run: { sources, surroundings, log }, loaded }: LoadedRun,
  { content, path }: Storage
): Promise<Buffer | undefined> {
  const [module] = loaded.flows.map(flow => flow.module)
  if (content !== 'source' || path === undefined || module === undefined) return undefined
  const at = resolve(surroundings.cwd, path)
  const there = await readFile(at).catch(() => undefined)
  if (there === undefined) {
    log.notice({
      level: 'warning',
      message: `the module is to be at ${at}, which can't be read here: ${module} is checked in its place`,
      file: module
    })
  }
  return there ?? (await readFile(join(sources.root, module)))
}

/** A storage without an image, its flows checked where they were loaded. */
export async function storeEmbedded(found: LoadedRun): Promise<Storage> {
  const { run, loaded, loading, secrets } = found
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
    await log.phase('healthcheck', async () => {
      const script = await storedScript(found, storage)
      const stored = (flow: Flow): ReadableFlow => ({
        kind: 'bytes',
        name: flow.name,
        bytes: script ?? storedBytes(flow, storage),
        content: script === undefined ? storage.rules.storages[storage.kind].content : 'source'
      })
      await healthcheck(loading.session, loaded.flows, stored)
    })
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
