import { FlowstoreError } from '../../errors.js'
import { healthcheck } from '../../flows/check.js'
import type { Flow } from '../../flows/flow.js'
import type { FlowLayer } from '../../image/flow-layer.js'
import type { FlowImageContent } from '../../image/sinks/sink.js'
import type { Options } from '../../options/options.js'
import type { ContainerSession } from '../../python/container.js'
import type { PythonChecker } from '../../python/loader.js'
import type { ReadableFlow } from '../../python/protocol/readable-flow.js'
import { DockerStorage } from '../../storage/docker.js'
import { storedBytes } from '../../storage/file.js'
import { imageNameOf } from '../inputs.js'
import type { SettledBuild } from '../load/loaded-build.js'
import type { LoadSession } from '../load/session.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { checkLayerIn, checkLayerInNewContainer } from './check-layer.js'
import { keysOf } from './keys-of.js'
import { reportImage, reportLoad, type StoredBuild } from './stored-build.js'
import { furtherTags } from './tags.js'
import { dataFiles, scriptData, type DataFiles } from './data-files.js'
import { moduleFiles } from './helper-modules.js'
import { putInImage } from './put-in-image.js'

/** Puts loaded flows into their image, checks them, and pushes the image. */
export async function storeInImage(
  build: SettledBuild,
  planned: PlannedImage,
  services: Services
): Promise<StoredBuild> {
  const { inputs, loaded, session } = build
  const { options, sources } = inputs
  const storage = dockerStorage(build, planned, services)
  const checkLayer = (content: FlowImageContent, tar: Buffer) =>
    checkInSession({ build, planned, storage, services }, content.layer, tar)
  const tags = await furtherTags(options, services)
  const modules = await moduleFiles(sources, loaded.helpers)
  const data = await dataFiles(sources, loaded)
  const beside = await besideScript(storage, build)
  for (const notice of [...data.notices, ...beside.notices]) services.log.notice(notice)
  const { built, digest } = await putInImage({
    storage,
    planned,
    modules: [...modules, ...data.files],
    beside: beside.files,
    keys: await keysOf(build, services),
    root: services.cwd,
    tags,
    assemble: options.assemble,
    healthcheck: options.healthcheck,
    checkLayer,
    // The session is no longer needed: it closes during the push.
    onChecked: () => void session.session.close().catch(() => undefined)
  })
  return {
    storage,
    built,
    image: reportImage(storage, { repository: storage.repository, digest, tags }),
    changed: true,
    load: reportLoad(session)
  }
}

/** What the module of a script storage reads; nothing for another storage. */
async function besideScript(
  { content }: DockerStorage,
  { inputs: { sources }, loaded }: SettledBuild
): Promise<DataFiles> {
  const [flow] = loaded.flows
  if (content !== 'source' || flow === undefined) return { files: [], notices: [] }
  return scriptData(sources, flow.module)
}

/** The storage of an image, with every flow in it. */
function dockerStorage(
  { inputs: { options }, loaded, secrets }: SettledBuild,
  { key }: PlannedImage,
  services: Services
): DockerStorage {
  const storage = new DockerStorage({
    release: loaded.versions.prefect,
    secrets,
    registryUrl: options.registryUrl,
    imageName: imageNameOf(options, services),
    imageTag: options.imageTag ?? key,
    prefectVersion: options.prefectVersion,
    prefectDirectory: options.prefectDirectory,
    path: options.path,
    storedAsScript: options.storedAsScript
  })
  for (const flow of loaded.flows) storage.addFlow(flow)
  checkDestinations(options, storage)
  return storage
}

/** @throws FlowstoreError FILE_DESTINATION for a file with the destination of a flow */
function checkDestinations({ files }: Options, storage: DockerStorage): void {
  const locations = new Set(storage.flows.values())
  const conflict = files.find(({ destination }) => locations.has(destination))
  if (conflict === undefined) return
  throw new FlowstoreError(
    'FILE_DESTINATION',
    `'${conflict.source}' in files has the destination of a flow: ${conflict.destination}`
  )
}

interface LayerCheck {
  readonly build: SettledBuild
  readonly planned: PlannedImage
  readonly storage: DockerStorage
  readonly services: Services
}

/** Reads the flows back from the layer, with the session that loaded them. */
async function checkInSession(check: LayerCheck, layer: FlowLayer, tar: Buffer): Promise<void> {
  const { session } = check.build
  if (session.kind === 'container') await checkInContainer(check, session.session, tar)
  else await checkOnRunner(check, session, layer)
}

/** In a process of the interpreter on this machine, with the layer's modules in a separate folder. */
async function checkOnRunner(
  { build: { loaded }, storage, services }: LayerCheck,
  { session }: Extract<LoadSession, { kind: 'interpreter' }>,
  layer: FlowLayer
): Promise<void> {
  const checker: PythonChecker = {
    check: (flows, checks) => session.check(flows, checks, layer.modules, layer.beside)
  }
  const stored = (flow: Flow): ReadableFlow => ({
    kind: 'bytes',
    name: flow.name,
    bytes: layer.files.get(storage.flows.get(flow.name) ?? '') ?? storedBytes(flow, storage),
    content: storage.content
  })
  await healthcheck(checker, storage, loaded.flows, stored, services.log)
}

/** In the container that loaded the flows if its files are unchanged, else in a new one. */
async function checkInContainer(
  { planned, storage, services }: LayerCheck,
  session: ContainerSession,
  tar: Buffer
): Promise<void> {
  const changed = await session.changes()
  if (changed?.length === 0) {
    await checkLayerIn(session, storage, tar, services.log)
    return
  }
  const what = changed?.slice(0, 3).join(', ') ?? 'files (too many to check)'
  services.log.info(
    `Modules may have changed ${what} while they were loaded: the flows are checked in a new container`
  )
  await checkLayerInNewContainer(planned.environment, planned.request, storage, tar)
}
