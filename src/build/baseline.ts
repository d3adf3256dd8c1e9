import { environmentFacts } from '../environment/environment-labels.js'
import { FlowstoreError } from '../errors.js'
import {
  KEY_LABEL,
  readDeploymentsLabel,
  readFlowKeys,
  type FlowKeysRead
} from '../image/labels.js'
import type { NamedImage } from '../image/oci/image.js'
import { readNamed } from '../image/oci/read.js'
import type { EarlierLoads } from '../image/load-records.js'
import type { ImageRepository } from '../image/repository.js'
import type { Notice } from '../log.js'
import type { Options } from '../options/options.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { isSameRepository, isTag, parseReference } from '../registry/reference.js'
import { RegistryUnusable } from '../registry/unusable.js'
import type { FoundBuild, SettledBuild } from './load/loaded-build.js'
import { imageNameOf } from './inputs.js'
import type { Services, Surroundings } from './services.js'
import { tagBefore, tagsNamed } from './store/tags.js'

/** The image that flows are compared with. */
export interface Baseline {
  /** Its reference. */
  readonly name: string
  /** The digest that it had when it was read. */
  readonly digest: string
  /** The keys of its flows, each with the flow's name. A key is of one flow only. */
  readonly keys: ReadonlyMap<string, string>
  /** The text of its `deployments.json`; null for flows of Prefect before 2. */
  readonly deployments?: string | null
  /** The key of its input, and that of its environment image. */
  readonly key?: string | undefined
  readonly environmentKey?: string | undefined
  /** What it has of the loads of its modules, or why it has nothing; only with `incremental: verify`. */
  readonly loads?: EarlierLoads | string
}

/** Whether an image that flows are compared with is of a repository. */
export const isIn = ({ name }: Baseline, repository: Pick<ImageRepository, 'name'>): boolean =>
  [':', '@'].some(end => name.startsWith(`${repository.name}${end}`))

/**
 * Reads the image that the flows of a build are compared with: the one that `compare-with` names, else the first of
 * `tags`, as it is before the build moves the tag.
 *
 * @returns undefined if there is none, or if it can't be read: a notice says why
 */
export async function readBaseline(
  build: FoundBuild | SettledBuild,
  services: Services
): Promise<Baseline | undefined> {
  const { options } = build.inputs
  const wanted = await wantedBaseline(options, services)
  if (wanted === undefined) return undefined
  // The first of tags is only a default.
  const warning = options.compareWith === undefined ? 'notice' : 'warning'
  const notice = (level: Notice['level'], why: string) => {
    services.log.notice({ level, message: `every flow counts as changed: ${why}` })
  }
  const incomparable = (level: Notice['level'], image: string, why: string) => {
    notice(level, `they can't be compared with ${image} (${why})`)
  }
  const name = baselineName(wanted, options, services)
  if (name === undefined) {
    incomparable(warning, `the tag ${wanted}`, 'registry-url is not set')
    return undefined
  }
  try {
    const { keys, why, isExpected, ...rest } = await flowsAt(name, build, services)
    if (keys === undefined) {
      incomparable(isExpected ? 'notice' : warning, name, why)
      return undefined
    }
    const names = [...keys.values()]
    if (!flowNames(build).some(name => names.includes(name))) {
      notice(warning, `they are compared with ${name}, which has other flows: ${shownFlows(names)}`)
    }
    return { name, keys, ...rest }
  } catch (error) {
    if (!(error instanceof FlowstoreError) && !(error instanceof RegistryUnusable)) throw error
    incomparable(warning, name, error instanceof RegistryUnusable ? error.reason : error.message)
    return undefined
  }
}

const flowNames = (build: FoundBuild | SettledBuild): readonly string[] =>
  (build.kind === 'found' ? build.found.built.flows : build.loaded.flows).map(({ name }) => name)

/** Flows that a notice names. */
const MOST_NAMED = 5

function shownFlows(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).map(name => `"${name}"`)
  const more = names.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** The tag or the image to compare with; undefined for none. */
async function wantedBaseline(
  options: Options,
  surroundings: Surroundings
): Promise<string | undefined> {
  const { compareWith, push, storage } = options
  if (compareWith !== undefined) return compareWith
  const isPushed = STORAGE_KINDS[storage].flowsIn === 'image' && push
  return isPushed ? tagBefore(options, surroundings) : undefined
}

/** The reference of a tag or an image; undefined for a tag without a registry. */
function baselineName(
  wanted: string,
  options: Options,
  surroundings: Surroundings
): string | undefined {
  if (!isTag(wanted)) return wanted
  const { registryUrl } = options
  return registryUrl && `${registryUrl}/${imageNameOf(options, surroundings)}:${wanted}`
}

/**
 * Refuses a registration of what changed if this build itself moves the tag that it compares with: after a failed
 * registration, the next run would find nothing to register.
 *
 * @throws FlowstoreError INVALID_OPTION
 */
export async function checkBaseline(options: Options, surroundings: Surroundings): Promise<void> {
  const { register, compareWith, imageTag } = options
  if (register === 'all' || compareWith === undefined) return
  const moved = [...(await tagsNamed(options, surroundings)), imageTag ?? '']
  const name = (wanted: string) => baselineName(wanted, options, surroundings) ?? wanted
  const tag = moved.find(one => one !== '' && name(one) === name(compareWith))
  if (tag === undefined) return
  throw new FlowstoreError(
    'INVALID_OPTION',
    `'register: changed' compares with the tag '${tag}', which this build moves before the flows are registered`,
    {
      hint: 'Set compare-with to a tag that the workflow moves after the registration, such as registered.'
    }
  )
}

async function flowsAt(
  name: string,
  build: FoundBuild | SettledBuild,
  services: Services
): Promise<
  FlowKeysRead &
    Omit<Baseline, 'name' | 'keys' | 'deployments'> & { readonly deployments: string | null }
> {
  const { image, client, path } = await imageAt(name, repositoryOf(build), services)
  // Before the first build that moves the tag, nobody has it.
  if (image === undefined) {
    const why = 'the registry does not have it'
    return { why, isExpected: true, digest: '', deployments: null }
  }
  const labels = image.own.config.config?.Labels ?? {}
  const deployments = readDeploymentsLabel(labels)
  const read = {
    ...readFlowKeys(labels),
    ...{ digest: image.digest, deployments, key: labels[KEY_LABEL] },
    environmentKey: environmentFacts(labels)?.key
  }
  if (build.inputs.options.incremental !== 'verify' || build.kind === 'found') return read
  const { readEarlierLoads } = await import('./stages.js')
  return { ...read, loads: await readEarlierLoads(client, path, image.own) }
}

/** An image of any repository, and how it was read; no image if the registry does not have it. */
interface ReadImage {
  readonly image: NamedImage | undefined
  readonly client: ImageRepository['client']
  readonly path: string
}

/** The images that a run has read, by their references. */
const readImages = new WeakMap<Services, Map<string, ReadImage>>()

/** Reads an image of any repository, once in a run. */
async function imageAt(
  name: string,
  known: ImageRepository | undefined,
  services: Services
): Promise<ReadImage> {
  const before = readImages.get(services) ?? new Map<string, ReadImage>()
  readImages.set(services, before)
  const read = before.get(name) ?? (await readImageAt(name, known, services))
  before.set(name, read)
  return read
}

async function readImageAt(
  name: string,
  known: ImageRepository | undefined,
  { registries }: Services
): Promise<ReadImage> {
  const reference = parseReference(name)
  const client =
    known !== undefined && isSameRepository(known.reference, reference)
      ? known.client
      : await registries.client(reference.registry)
  const version = reference.digest ?? reference.tag ?? 'latest'
  const path = reference.repository
  return { image: await readNamed(client, path, version), client, path }
}

/**
 * What the image that flows are compared with has of the loads of its modules.
 *
 * @param known the repository that the build talks to already
 * @returns as a clause why there is nothing; undefined if there is no image to compare with
 */
export async function baselineLoads(
  options: Options,
  known: ImageRepository | undefined,
  services: Services
): Promise<EarlierLoads | string | undefined> {
  const wanted = await wantedBaseline(options, services)
  const name = wanted === undefined ? undefined : baselineName(wanted, options, services)
  if (name === undefined) return undefined
  try {
    const { image, client, path } = await imageAt(name, known, services)
    if (image === undefined) return `the registry does not have ${name}`
    const { readEarlierLoads } = await import('./stages.js')
    const loads = await readEarlierLoads(client, path, image.own)
    return typeof loads === 'string' ? `${name} has no records: ${loads}` : loads
  } catch (error) {
    if (error instanceof RegistryUnusable) return `${name} can't be read: ${error.reason}`
    if (error instanceof FlowstoreError) return `${name} can't be read: ${error.message}`
    throw error
  }
}

/** The repository that the build talks to already, so that no further login is needed. */
function repositoryOf(build: FoundBuild | SettledBuild): ImageRepository | undefined {
  if (build.kind === 'found') return build.found.repository
  const access = build.image?.registry
  return access?.kind === 'direct' ? access.repository : undefined
}
