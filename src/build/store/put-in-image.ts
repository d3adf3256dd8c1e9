import { daemonWith } from '../../environment/request.js'
import { FlowstoreError } from '../../errors.js'
import { daemonSink } from '../../image/sinks/daemon-sink.js'
import { describeBuild } from '../../image/describe.js'
import { unknownFolder, type FileTree, type FlowLayer } from '../../image/flow-layer.js'
import {
  imageLabels,
  type BuildDescription,
  type BuildRecord,
  type CheckedIn
} from '../../image/labels.js'
import { layFlows } from '../../image/lay-flows.js'
import {
  loadRecordsFile,
  type LoadRecords,
  type LoadRecordsFile
} from '../../image/load-records.js'
import type { ImageMetadata } from '../../image/metadata.js'
import { registrySink, type RegistrySinkOptions } from '../../image/sinks/registry-sink.js'
import type {
  FlowImageContent,
  ImageName,
  ImageSink,
  PublishedImage
} from '../../image/sinks/sink.js'
import type { Notice } from '../../log.js'
import { MODULES_FOLDER } from '../../prefect/pickled-flows.js'
import { containerPython } from '../../python/container.js'
import { noSources } from '../../sources/sources.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import type { Options } from '../../options/options.js'
import type { DockerStorage } from '../../storage/docker.js'
import type { FindSecret } from '../../util/secret-search.js'
import { flowCount } from '../../util/text.js'
import type { FailedModule } from '../load/load-errors.js'
import type { PlannedImage } from '../look-up.js'
import { refuseInFlows, refuseInImage } from '../refuse-secrets.js'
import { checkAtLocations } from './check-layer.js'

/** The image that flows go into, with its flows, and how it is assembled, checked and named. */
export interface ImageToStore {
  /** It has its name and its flows. */
  readonly storage: DockerStorage
  readonly planned: PlannedImage
  /** Files of the repository that a run needs, by folders of the image. */
  readonly trees: readonly FileTree[]
  /** Folder of the flows' modules. */
  readonly root: string
  /** The keys of flows by their names: see `flowKeys`. Default none. */
  readonly keys?: ReadonlyMap<string, string>
  readonly metadata: ImageMetadata
  readonly record: BuildRecord | null
  /** The text of `deployments.json`; undefined for flows without deployments. */
  readonly deployments?: string | undefined
  /** Of the loads of the flows' modules; default none. */
  readonly records?: LoadRecords | undefined
  /** Modules whose flows are left out; default none. */
  readonly failed?: readonly FailedModule[]
  /** Flows that no entrypoint can name; default none. */
  readonly unaddressable?: BuildDescription['unaddressable'] | undefined
  /** The one of several platforms that the flows are read back on; default null: none, or an image of one platform. */
  readonly checkedOn?: string | null
  /** Finds secrets, which may be in nothing of it. Undefined if none is known. */
  readonly findSecret: FindSecret | undefined
  /** Further tags. */
  readonly tags: readonly string[]
  readonly assemble: 'auto' | 'append' | 'build'
  readonly healthcheck: boolean
  /** Which check is enough; default `any`. */
  readonly requireCheck?: Options['requireCheck'] | undefined
  /** Reads the flows back from the layer's archive, before it goes to the registry. */
  readonly checkLayer: RegistrySinkOptions['check']
  /** How many of them `checkLayer` reads; default all. */
  readonly checkedFlows?: number
  /** Where all flows were read back then. */
  readonly layerCheckedIn: NonNullable<CheckedIn>
  /** Called after the check, when only the tags and the push are left to do. */
  readonly onChecked: () => void
}

/**
 * Puts flows into an image, as a layer on the environment image: through the registry's API if possible, else
 * with the daemon.
 *
 * @returns the build's description, the image in the registry (null for one that is not pushed), and its tags, which
 * move later
 * @throws FlowstoreError SECRET_FOUND, HEALTHCHECK, IMAGE_BUILD, PUSH_REFUSED, REGISTRY, DAEMON
 */
export async function putInImage(
  image: ImageToStore
): Promise<PublishedImage & { readonly built: BuildDescription }> {
  const { storage, planned, tags, keys = new Map<string, string>() } = image
  refuseInFlows(storage.added, image.findSecret)
  const recorded = image.records && loadRecordsFile(image.records, modulesFolder(image))
  const layer = withFile(await layFlows(storage, image.trees, image.root), recorded)
  const contentCheckedIn = async (checkedIn: NonNullable<CheckedIn>): Promise<DescribedContent> => {
    const built = await describeBuild(storage, layer, planned.environment.facts, {
      keys,
      deployments: image.deployments ?? null,
      failed: [...(image.failed ?? [])],
      unaddressable: [...(image.unaddressable ?? [])],
      checkedIn: image.healthcheck ? checkedIn : null,
      checkedOn: image.checkedOn ?? null,
      record: image.record
    })
    const labels = imageLabels(planned.key, storage.serialize(), built)
    return { built, layer, labels: { ...labels, ...recorded?.labels } }
  }
  const name = { repository: storage.repository, tag: storage.imageTag ?? '', tags }
  const appended = await contentCheckedIn(image.layerCheckedIn)
  await refuseInImage(layer, appended.built, image.metadata, image.findSecret)
  const published = await append(image, appended, name)
  if (published !== undefined) return { built: appended.built, ...published }
  const content = image.layerCheckedIn === 'image' ? appended : await contentCheckedIn('image')
  return { built: content.built, ...(await build(image, content, name)) }
}

/** The folder of the files of the repository. */
const modulesFolder = ({ storage: { content }, trees }: ImageToStore): string =>
  (content === 'entrypoint' ? trees[0]?.folder : undefined) ?? MODULES_FOLDER

const withFile = (layer: FlowLayer, file: LoadRecordsFile | undefined): FlowLayer =>
  file === undefined
    ? layer
    : { ...layer, files: new Map([...layer.files, [file.path, file.content]]) }

/** What goes into the image, with its description. */
interface DescribedContent extends FlowImageContent {
  readonly built: BuildDescription
}

/** Appends the layer in the registry; undefined if the daemon has to build the image. */
async function append(
  image: ImageToStore,
  content: FlowImageContent,
  name: ImageName
): Promise<PublishedImage | undefined> {
  const { planned, assemble } = image
  const { log } = planned.request
  const isSeveral = planned.request.platforms.length > 1
  const hint = isSeveral ? ONE_PLATFORM : WITH_AUTO
  const decision = appendDecision(image, content.layer)
  if (decision.kind !== 'possible') {
    if (assemble === 'append' || isSeveral) throw cannotAppend(decision.reason, hint)
    if (decision.kind === 'impossible') log.info(`The daemon builds the image: ${decision.reason}`)
    return undefined
  }
  try {
    return await publishThrough(registrySink(decision.options), image, content, name)
  } catch (error) {
    if (!(error instanceof RegistryUnusable)) throw error
    if (assemble === 'append' || isSeveral) throw cannotAppend(error.reason, hint, error)
    log.notice({
      level: 'notice',
      message: `the daemon builds and pushes the image: ${error.reason}`
    })
    return undefined
  }
}

type AppendDecision =
  | { readonly kind: 'possible'; readonly options: RegistrySinkOptions }
  | { readonly kind: 'impossible' | 'not-pushed'; readonly reason: string }

/** The options to append a layer to the environment image, or why that is not possible. */
function appendDecision(
  { planned, metadata, assemble, requireCheck, checkLayer, layerCheckedIn }: ImageToStore,
  layer: FlowLayer
): AppendDecision {
  const { registry, environment, request, tagBefore } = planned
  const { facts, location } = environment
  const impossible = (reason: string): AppendDecision => ({ kind: 'impossible', reason })
  if (assemble === 'build') return impossible("assemble is 'build'")
  if (registry.kind === 'none') return { kind: 'not-pushed', reason: 'the image is not pushed' }
  if (registry.kind === 'daemon') return impossible(registry.reason)
  if (facts.late.length > 0) return impossible('extra-dockerfile-commands run after the flows')
  if (requireCheck === 'image' && layerCheckedIn !== 'image') {
    return impossible("require-check is 'image', and the flows were loaded on the runner")
  }
  if (location.kind === 'daemon') return impossible('the environment image is not in the registry')
  const unknown = unknownFolder(layer, facts.folders)
  if (unknown !== undefined) {
    return impossible(`the environment image does not describe the folder ${unknown}`)
  }
  const options = {
    repository: registry.repository,
    base: location.image,
    folders: facts.folders,
    metadata,
    check: checkLayer,
    tagBefore,
    log: request.log
  }
  return { kind: 'possible', options }
}

const WITH_AUTO = 'With assemble: auto the daemon builds and pushes the image instead.'

const ONE_PLATFORM =
  "Only the registry's API can add flows to an image of several platforms: leave out platforms to build for this machine."

const cannotAppend = (why: string, hint: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('REGISTRY', `the flows can't be added to the environment image: ${why}`, {
    hint,
    cause
  })

const NO_ANNOTATIONS: Notice = {
  level: 'warning',
  message:
    'the annotations of the option annotations are left out: the daemon builds the image, and gives it only labels'
}

/** Builds the image with the daemon, and pushes it if `registry` allows a push. */
async function build(
  image: ImageToStore,
  content: FlowImageContent,
  name: ImageName
): Promise<PublishedImage> {
  const { storage, planned, metadata } = image
  const { environment, request, registry } = planned
  if (metadata.needsOci) request.log.notice(NO_ANNOTATIONS)
  const daemon = await daemonWith(environment, request)
  const sink = daemonSink({
    daemon,
    base: environment.reference,
    lateInstructions: environment.facts.late,
    buildKwargs: request.prepared.buildKwargs,
    metadata,
    check: id => {
      const python = containerPython(daemon, id, noSources('/'), undefined, {}, request.limits)
      return checkAtLocations(python, storage, request.log)
    },
    registries: registry.kind === 'none' ? null : request.registries,
    repository: registry.kind === 'direct' ? registry.repository : undefined,
    log: request.log
  })
  return publishThrough(sink, image, content, name)
}

async function publishThrough<Assembled>(
  sink: ImageSink<Assembled>,
  { planned, healthcheck: isChecked, checkedFlows, onChecked }: ImageToStore,
  content: FlowImageContent,
  name: ImageName
): Promise<PublishedImage> {
  const { log } = planned.request
  const assembled = await sink.assemble(content)
  try {
    if (isChecked) {
      await log.phase('healthcheck', () => {
        const count = checkedFlows ?? content.layer.flowCount
        log.progress(`reading ${flowCount(count)} back`)
        return sink.check(assembled)
      })
    }
  } catch (error) {
    await sink.discard(assembled).catch((failure: unknown) => {
      log.debug(`The unfinished image can't be removed: ${String(failure)}`)
    })
    throw error
  }
  onChecked()
  return sink.publish(assembled, name)
}
