import type { DeploymentsDocument } from '../../deployments/document.js'
import { FlowstoreError } from '../../errors.js'
import { healthcheck } from '../../flows/check.js'
import { identityOf, type Flow } from '../../flows/flow.js'
import type { FlowLayer } from '../../image/flow-layer.js'
import type { CheckedIn } from '../../image/labels.js'
import type { LoadRecords } from '../../image/load-records.js'
import type { Image } from '../../image/oci/image.js'
import { readPlatforms } from '../../image/oci/read.js'
import type { FlowImageContent } from '../../image/sinks/sink.js'
import type { Options } from '../../options/options.js'
import { hasSeveralPlatforms } from '../../options/platform-checks.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import { rulesFor } from '../../prefect/releases.js'
import type { ContainerSession } from '../../python/container.js'
import type { PythonChecker } from '../../python/loader.js'
import type { ReadableFlow } from '../../python/protocol/readable-flow.js'
import { DockerStorage } from '../../storage/docker.js'
import { locationIn, storedBytes } from '../../storage/file.js'
import { OWN_PLATFORM } from '../../util/platform.js'
import { imageNameOf, projectName } from '../inputs.js'
import type { SettledBuild } from '../load/loaded-build.js'
import type { LoadSession } from '../load/session.js'
import type { PlannedImage } from '../look-up.js'
import { runOrigin } from '../origin.js'
import { runFolder } from '../run-folder.js'
import type { Services } from '../services.js'
import { buildRecord } from './build-record.js'
import { checkLayerIn, checkLayerInNewContainer } from './check-layer.js'
import {
  checkedIn,
  reportImage,
  reportLoad,
  reportPlatforms,
  type StoredBuild
} from './stored-build.js'
import { imageMetadata } from './image-metadata.js'
import { deployedTags, furtherTags } from './tags.js'
import { layerFiles } from './layer-files.js'
import { putInImage } from './put-in-image.js'

/** What an image has only for a later build. */
export interface FactsForLater {
  /** Of flows of Prefect 2 and 3. */
  readonly deployments?: DeploymentsDocument | undefined
  /** Of the loads of its modules, with `incremental`. */
  readonly records?: LoadRecords | undefined
}

/**
 * Puts loaded flows into their image, checks them, and pushes the image.
 *
 * @param facts for a later build to compare with
 */
export async function storeInImage(
  build: SettledBuild,
  found: PlannedImage,
  services: Services,
  { deployments, records }: FactsForLater = {}
): Promise<StoredBuild> {
  const { inputs, session } = build
  const { options } = inputs
  const isSeveral = hasSeveralPlatforms(options)
  const platforms = isSeveral ? await allPlatforms(found) : undefined
  const planned = platforms === undefined ? found : onPlatforms(found, platforms)
  const storage = dockerStorage(build, planned, services)
  const readBack = flowsToReadBack(build)
  const checkLayer = (content: FlowImageContent, tar: Buffer) =>
    checkInSession({ build, planned, storage, services, flows: readBack.flows }, content.layer, tar)
  const [ofOption, trees, origin] = await Promise.all([
    furtherTags(options, services),
    layerFiles(storage, build, projectName(options, services), services),
    runOrigin(services)
  ])
  const { key, registry } = planned
  const repository = registry.kind === 'direct' ? registry.repository : undefined
  const forDeployments = deployments
    ? await deployedTags(options, build.loaded.versions.prefect, key, repository)
    : []
  const checkedOn =
    isSeveral && options.healthcheck ? await sessionPlatform(session, planned) : null
  const {
    built,
    pushed,
    tags: tagMove
  } = await putInImage({
    storage,
    planned,
    trees,
    metadata: imageMetadata(storage, planned, origin, options),
    record: await buildRecord(inputs, planned, origin, services, platforms),
    keys: build.keys,
    failed: build.failed,
    unaddressable: build.loaded.unaddressable,
    deployments: deployments && JSON.stringify(deployments),
    records,
    checkedOn,
    root: services.cwd,
    findSecret: services.findSecret,
    tags: [...new Set([...ofOption, ...forDeployments])],
    assemble: options.assemble,
    healthcheck: options.healthcheck,
    requireCheck: options.requireCheck,
    checkLayer,
    checkedFlows: readBack.flows.length,
    layerCheckedIn: readBack.checkedIn,
    // The session is no longer needed: it closes during the push.
    onChecked: () => void session.close().catch(() => undefined)
  })
  return {
    storage,
    built,
    image: reportImage(storage, {
      repository: storage.repository,
      digest: pushed?.digest ?? null,
      tags: ofOption,
      platforms: isSeveral ? reportPlatforms(pushed?.platforms ?? [], checkedOn) : null
    }),
    repository: pushed === null ? undefined : repository,
    changed: true,
    environment: planned.origin,
    load: reportLoad(build),
    tagMove
  }
}

/** The environment image with the image of each platform, from the registry. */
async function allPlatforms({
  environment: { location },
  registry
}: PlannedImage): Promise<Image | undefined> {
  if (location.kind !== 'registry' || registry.kind !== 'direct') return undefined
  const { client, path } = registry.repository
  return readPlatforms(client, path, location.image)
}

/** The same plan, whose platforms need not be read again. */
const onPlatforms = (planned: PlannedImage, image: Image): PlannedImage => ({
  ...planned,
  environment: { ...planned.environment, location: { kind: 'registry', image } }
})

/** The platform that a session runs on: its daemon may be on another machine. */
const sessionPlatform = async (
  { kind }: LoadSession,
  { request }: PlannedImage
): Promise<string> => (kind === 'container' ? (await request.daemon()).platform() : OWN_PLATFORM)

/** The storage of an image, with every flow in it. */
function dockerStorage(
  build: SettledBuild,
  { key }: PlannedImage,
  services: Services
): DockerStorage {
  const { inputs, loaded, secrets } = build
  const { options } = inputs
  const storage = new DockerStorage({
    release: loaded.versions.prefect,
    secrets,
    registryUrl: options.registryUrl,
    imageName: imageNameOf(options, services),
    imageTag: options.imageTag ?? key,
    prefectVersion: options.prefectVersion,
    prefectDirectory: options.prefectDirectory,
    ...whereFlowsAre(build, services)
  })
  for (const flow of loaded.flows) storage.addFlow(flow)
  checkDestinations(options, storage)
  return storage
}

/** The folder of the sources for flows that entrypoints name; else as the options say. */
function whereFlowsAre(
  { inputs, loaded }: SettledBuild,
  services: Services
): Pick<Options, 'path' | 'storedAsScript'> {
  const { path, storedAsScript } = inputs.options
  return rulesFor(loaded.versions.prefect).generation.flowsAre === 'pickles'
    ? { path, storedAsScript }
    : { path: runFolder(inputs, services), storedAsScript: true }
}

/** @throws FlowstoreError FILE_DESTINATION for a file with the destination of a flow */
function checkDestinations({ files }: Options, storage: DockerStorage): void {
  const locations = new Set(storage.flows.values())
  const conflict = files.find(({ destination }) => locations.has(destination))
  if (conflict === undefined) return
  throw new FlowstoreError(
    'FILE_DESTINATION',
    `'${conflict.source}' in the option files has the destination of a flow: ${conflict.destination}`
  )
}

/** The flows that have to be read back, and where all flows of the image have been read back then. */
interface ReadBack {
  readonly flows: readonly Flow[]
  readonly checkedIn: NonNullable<CheckedIn>
}

/** From the check that says most to the one that says least. */
const CHECKS: readonly NonNullable<CheckedIn>[] = ['image', 'cell', 'runner']

/** All flows, without those that were taken from an image where they were read back. */
function flowsToReadBack({ inputs, loaded, session, incremental }: SettledBuild): ReadBack {
  const own = checkedIn(session)
  const before = incremental?.taken.checkedIn ?? null
  const isEnough = inputs.options.requireCheck === 'any' || before === 'image'
  if (before === null || !isEnough) return { flows: loaded.flows, checkedIn: own }
  return {
    flows: loaded.flows.filter(flow => incremental?.taken.flows.has(identityOf(flow)) !== true),
    checkedIn: CHECKS.indexOf(own) > CHECKS.indexOf(before) ? own : before
  }
}

interface LayerCheck {
  readonly build: SettledBuild
  /** The flows to read back. */
  readonly flows: readonly Flow[]
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
  { flows, storage, services }: LayerCheck,
  { session }: Extract<LoadSession, { kind: 'interpreter' }>,
  layer: FlowLayer
): Promise<void> {
  const filesIn = (isOfModules: boolean) =>
    layer.trees
      .filter(({ folder }) => (folder === MODULES_FOLDER) === isOfModules)
      .flatMap(({ files }) => files.filter(file => 'source' in file))
  const isSource = storage.content === 'entrypoint'
  const checker: PythonChecker = {
    check: (readable, checks) =>
      // The session has the sources.
      isSource
        ? session.check(readable, checks)
        : session.check(readable, checks, filesIn(true), filesIn(false))
  }
  const stored = (flow: Flow): ReadableFlow => {
    const { name, entrypoint } = flow
    if (entrypoint !== undefined) return { kind: 'entrypoint', name, entrypoint, folder: null }
    const bytes = layer.files.get(locationIn(storage, flow)) ?? storedBytes(flow, storage)
    return { kind: 'bytes', name, bytes, content: storage.content }
  }
  await healthcheck(checker, storage, flows, stored, services.log)
}

/** In the container that loaded the flows if its files are unchanged, else in a new one. */
async function checkInContainer(
  { planned, storage, services, flows }: LayerCheck,
  session: ContainerSession,
  tar: Buffer
): Promise<void> {
  const changed = await session.changes()
  if (changed?.length === 0) {
    await checkLayerIn(session, storage, tar, services.log, flows)
    return
  }
  const what = changed?.slice(0, 3).join(', ') ?? 'more than can be checked'
  services.log.info(
    `Modules may have changed ${what} while they were loaded: the flows are checked in a new container`
  )
  await checkLayerInNewContainer(planned.environment, planned.request, storage, tar, flows)
}
