import { isDeepStrictEqual } from 'node:util'
import type { Daemon } from '../docker/connect.js'
import { FlowstoreError } from '../errors.js'
import { flowPath } from '../image/describe.js'
import { KEY_LABEL, readImageLabels, type BuildDescription, type Labels } from '../image/labels.js'
import { parseManifest, type Descriptor } from '../image/oci/documents.js'
import { ImageFiles } from '../image/oci/image-files.js'
import { layersOf, platformIn, type Image, type PlatformImage } from '../image/oci/image.js'
import { readImage } from '../image/oci/read.js'
import type { Log } from '../log.js'
import { containerPython } from '../python/container.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import { BadContent, type RegistryClient } from '../registry/client.js'
import {
  familiarName,
  parseReference,
  referenceText,
  type Reference
} from '../registry/reference.js'
import type { Registries } from '../registry/registries.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { verified } from '../registry/verified.js'
import { deserialize } from '../storage/deserialize.js'
import { DockerStorage } from '../storage/docker.js'
import { sha256 } from '../util/hash.js'
import { sizeOf } from '../util/text.js'

/** What is verified. */
export interface VerifyRequest {
  /** Reference of the image, by a tag or a digest. */
  readonly image: string
  /** The digest that its tag should name; undefined if it is not known. */
  readonly digest?: string | undefined
  /** The JSON of the storage that should be in its labels; undefined to take theirs. */
  readonly storage?: unknown
  /** The keys that its flows should have, each with the name of its flow; undefined if they are not known. */
  readonly keys?: readonly FlowKey[] | undefined
  /** Whether the flows are read back, in a container of the image. */
  readonly healthcheck: boolean
}

/** The key of a flow; null if it has none. */
export interface FlowKey {
  readonly name: string
  readonly key: string | null
}

/** What {@link verifyImage} works with. */
export interface VerifyServices {
  readonly registries: Registries
  /** Called only to read flows back. */
  readonly connect: () => Promise<Daemon>
  readonly log: Log
}

/** One thing that was looked at. */
interface VerifiedFact {
  /** `image`, `digest`, `content`, `labels`, `key` or `healthcheck`. */
  readonly name: string
  readonly ok: boolean
  /** What was found, in a clause. */
  readonly found: string
}

type FileState = 'recorded' | 'unknown' | 'differs' | 'missing'

/** One flow of a verified image. */
export interface VerifiedFlow {
  readonly name: string
  /** Its location in the storage. */
  readonly location: string
  /**
   * Its file in the image: `recorded` is the one that the build recorded, `differs` another one. `unknown` if the build
   * recorded none. Of several platforms, that of the worst.
   */
  readonly file: FileState
  /** The platforms whose file is in this state; undefined for an image of one. */
  readonly platforms?: readonly string[]
  /** Why it can't be read back; empty if it can. Null if that was not tried. */
  readonly failure: string | null
}

/** The result of {@link verifyImage}. */
export interface Verification {
  /** Registry, path and digest of the image; its name as it was given if it is not there. */
  readonly image: string
  readonly facts: readonly VerifiedFact[]
  readonly flows: readonly VerifiedFlow[]
  readonly ok: boolean
}

/** An image in its repository. */
interface FoundImage {
  readonly client: RegistryClient
  readonly reference: Reference
  readonly image: Image
}

/**
 * Checks an image in its registry against what its build recorded: that it is there under its digest, with all its
 * content; that its labels name the same storage; that each flow's file is the one that was pushed; and that each flow
 * can be read back in a container of the image. Labels, content and files are those of each platform; a container is only of
 * the platform of the daemon.
 *
 * @throws FlowstoreError REGISTRY, INVALID_REFERENCE, DAEMON; not for what it finds, which is in the result
 */
export async function verifyImage(
  request: VerifyRequest,
  services: VerifyServices
): Promise<Verification> {
  const reference = parseReference(request.image)
  const client = await services.registries.client(reference.registry)
  const name = reference.digest ?? reference.tag ?? 'latest'
  const image = await readVerified(client, reference.repository, name)
  if (image === undefined) {
    const missing = { name: 'image', ok: false, found: `the registry has no ${request.image}` }
    return { image: request.image, facts: [missing], flows: [], ok: false }
  }
  const found = { client, reference, image }
  const { facts, storage, built } = labelFacts(image, request)
  const all = [await digestFact(found, request), await contentFact(found, services.log), ...facts]
  const { flows, healthcheck } =
    storage === undefined || built === undefined
      ? { flows: [], healthcheck: undefined }
      : await verifiedFlows(found, storage, built, request, services)
  if (healthcheck !== undefined) all.push(healthcheck)
  const isGood = ({ file, failure }: VerifiedFlow) =>
    (file === 'recorded' || file === 'unknown') && !failure
  return {
    image: `${familiarName(reference)}@${image.digest}`,
    facts: all,
    flows,
    ok: all.every(({ ok }) => ok) && flows.every(isGood)
  }
}

async function readVerified(
  client: RegistryClient,
  repository: string,
  name: string
): Promise<Image | undefined> {
  try {
    return await readImage(client, repository, name)
  } catch (error) {
    if (!(error instanceof RegistryUnusable)) throw error
    throw new FlowstoreError('REGISTRY', error.reason, { cause: error })
  }
}

/**
 * The content of an image that is read by a digest always has this digest: that is checked when it is read. A tag may
 * name the image that was built with other labels: a build whose deployments alone changed writes one.
 */
async function digestFact(
  { client, reference, image }: FoundImage,
  { digest: wanted }: VerifyRequest
): Promise<VerifiedFact> {
  const { digest } = image
  const name =
    reference.tag === undefined ? 'the registry has it' : `the tag ${reference.tag} names it`
  if (wanted === undefined || wanted === digest) {
    return { name: 'digest', ok: true, found: `${digest}: ${name}` }
  }
  const built = await readVerified(client, reference.repository, wanted)
  if (built !== undefined && isSameButLabels(built, image)) {
    const tag = reference.tag ?? ''
    const found = `${wanted}: the registry has it; the tag ${tag} names it with other labels, ${digest}`
    return { name: 'digest', ok: true, found }
  }
  return {
    name: 'digest',
    ok: false,
    found: `the tag ${reference.tag ?? ''} names ${digest}, the report names ${wanted}`
  }
}

/** Whether two images have the same layers and settings, and only labels and history may differ. */
function isSameButLabels(one: Image, other: Image): boolean {
  const contents = ({ platforms }: Image) =>
    platforms.map(platform => ({
      layers: layersOf(platform).map(({ digest }) => digest),
      settings: { ...platform.config.config, Labels: undefined },
      platform: platformIn(platform)
    }))
  return isDeepStrictEqual(contents(one), contents(other))
}

/** Whether the registry has everything that the manifests name. */
async function contentFact(
  { client, reference: { repository }, image }: FoundImage,
  log: Log
): Promise<VerifiedFact> {
  log.progress('asking the registry for each layer')
  const parts = image.platforms.flatMap(each => [
    parseManifest(each.manifest).config,
    ...layersOf(each)
  ])
  const digests = [...new Set(parts.map(({ digest }) => digest))]
  const there = await Promise.all(digests.map(digest => client.hasBlob(repository, digest)))
  const missing = digests.filter((_digest, index) => there[index] !== true)
  const platforms = platformsText(image.platforms)
  return missing.length === 0
    ? { name: 'content', ok: true, found: `${platforms}: all ${digests.length} blobs are there` }
    : { name: 'content', ok: false, found: `the registry lacks ${missing.join(', ')}` }
}

/** What labels say, and whether it agrees. */
interface LabelFacts {
  readonly facts: readonly VerifiedFact[]
  readonly storage?: DockerStorage
  readonly built?: BuildDescription
}

function labelFacts({ platforms }: Image, { storage: given, keys }: VerifyRequest): LabelFacts {
  const all = platforms.map(({ config }) => config.config?.Labels ?? {})
  const key = all[0]?.[KEY_LABEL]
  const read = all.map(labels => readImageLabels(labels, labels[KEY_LABEL] ?? ''))
  const [labelled] = read
  const unread = platforms.filter((_platform, index) => read[index] === undefined).map(platformIn)
  if (key === undefined || labelled === undefined || unread.length > 0) {
    const of = unread.length === platforms.length ? '' : ` of ${unread.join(', ')}`
    const found = `this version of flowstore did not make the image${of}`
    return { facts: [{ name: 'labels', ok: false, found }] }
  }
  const differing = platforms
    .filter((_platform, index) => !isDeepStrictEqual(read[index], labelled))
    .map(platformIn)
  const isSame = given === undefined || isDeepStrictEqual(given, labelled.storage)
  const labels = {
    name: 'labels',
    ok: isSame && differing.length === 0,
    found: !isSame
      ? 'they have another storage than the given one'
      : differing.length > 0
        ? `those of ${differing.join(', ')} describe another build than those of ${platformsText(platforms.slice(0, 1))}`
        : given === undefined
          ? 'they have a storage'
          : 'they have the given storage'
  }
  const storage = deserialize(labelled.storage)
  const facts = [labels, keyFact(key, all, labelled.built, keys)]
  return storage instanceof DockerStorage ? { facts, storage, built: labelled.built } : { facts }
}

const platformsText = (platforms: Image['platforms']): string =>
  platforms.map(platformIn).join(', ')

/** Whether all platforms have the same key, and the flows the keys of the report. */
function keyFact(
  key: string,
  all: readonly Labels[],
  { flows }: BuildDescription,
  keys: VerifyRequest['keys']
): VerifiedFact {
  const name = 'key'
  if (all.some(labels => labels[KEY_LABEL] !== key)) {
    return { name, ok: false, found: 'the images of the platforms have different keys' }
  }
  if (keys === undefined) return { name, ok: true, found: key }
  const other = flows.find(flow => keys.find(each => each.name === flow.name)?.key !== flow.key)
  return other === undefined && keys.length === flows.length
    ? { name, ok: true, found: `${key}; the flows have the keys of the report` }
    : {
        name,
        ok: false,
        found:
          other === undefined
            ? 'the report has other flows'
            : `the report has another key of the flow "${other.name}"`
      }
}

type BuiltFlow = BuildDescription['flows'][number]

/** Flows, and what was read back where. */
interface VerifiedFlows {
  readonly flows: VerifiedFlow[]
  /** Undefined if the flows were read back on each platform, or were not to be. */
  readonly healthcheck: VerifiedFact | undefined
}

async function verifiedFlows(
  found: FoundImage,
  storage: DockerStorage,
  { flows }: BuildDescription,
  { healthcheck }: VerifyRequest,
  services: VerifyServices
): Promise<VerifiedFlows> {
  const { platforms } = found.image
  const paths = new Set(flows.map(flow => flowPath(storage, flow)))
  const read = layerReader(found, paths, services.log)
  const hashes: { readonly platform: string; readonly files: ReadonlyMap<string, string> }[] = []
  for (const platform of platforms) {
    hashes.push({ platform: platformIn(platform), files: await fileHashes(platform, paths, read) })
  }
  const checked = healthcheck ? await readBackOn(found, storage, flows, services) : undefined
  return {
    flows: flows.map((flow, index) => {
      const { name, location } = flow
      const states = hashes.map(({ platform, files }) => ({
        platform,
        file: stateOf(files.get(flowPath(storage, flow)), flow.sha256)
      }))
      const file = WORST.find(state => states.some(each => each.file === state)) ?? 'missing'
      const on = states.filter(each => each.file === file).map(({ platform }) => platform)
      return {
        ...{ name, location, file, failure: checked?.failures?.[index] ?? null },
        ...(platforms.length > 1 ? { platforms: on } : {})
      }
    }),
    healthcheck: checked?.fact
  }
}

const WORST: readonly FileState[] = ['missing', 'differs', 'unknown', 'recorded']

const stateOf = (hash: string | undefined, recorded: string | null): FileState => {
  if (hash === undefined) return 'missing'
  if (recorded === null) return 'unknown'
  return hash === recorded ? 'recorded' : 'differs'
}

/** Gives the hashes of the wanted files in a layer, by their paths. */
type ReadLayer = (layer: Descriptor) => Promise<ReadonlyMap<string, string>>

/** Reads each layer once: platforms share those of the flows. One that the registry lost has no files. */
function layerReader(
  { client, reference: { repository } }: FoundImage,
  paths: ReadonlySet<string>,
  log: Log
): ReadLayer {
  const known = new Map<string, Promise<ReadonlyMap<string, string>>>()
  const read = async (layer: Descriptor) => {
    const files = new ImageFiles()
    try {
      await client.readBlob(repository, layer, body =>
        files.add(
          verified(body, layer.digest, bytes => {
            log.progress(`reading a layer: ${sizeOf(bytes, layer.size)}`)
          }),
          layer.mediaType,
          path => paths.has(path)
        )
      )
    } catch (error) {
      // The fact about the content says so.
      if (!(error instanceof BadContent)) throw error
    }
    return new Map(
      [...paths].flatMap(path => {
        const content = files.at(path)?.content
        return content === undefined ? [] : [[path, sha256(content)] as const]
      })
    )
  }
  return layer => {
    const hashes = known.get(layer.digest) ?? read(layer)
    known.set(layer.digest, hashes)
    return hashes
  }
}

/** Reads layers from the top until each file is found: flows are in the last ones. */
async function fileHashes(
  platform: PlatformImage,
  paths: ReadonlySet<string>,
  read: ReadLayer
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  for (const layer of layersOf(platform).toReversed()) {
    if (hashes.size === paths.size) break
    for (const [path, hash] of await read(layer)) if (!hashes.has(path)) hashes.set(path, hash)
  }
  return hashes
}

/** Reads the flows back on the platform of the daemon, and says on which they were not. */
async function readBackOn(
  found: FoundImage,
  storage: DockerStorage,
  flows: readonly BuiltFlow[],
  services: VerifyServices
): Promise<{ readonly failures?: readonly string[]; readonly fact: VerifiedFact | undefined }> {
  const daemon = await services.connect()
  const own = await daemon.platform()
  const platforms = found.image.platforms.map(platformIn)
  const others = platforms.filter(platform => platform !== own)
  const fact = (where: string): VerifiedFact | undefined =>
    others.length === 0
      ? undefined
      : {
          name: 'healthcheck',
          ok: true,
          found: `${where}; not on ${others.join(', ')}, since the daemon runs ${own}`
        }
  if (others.length === platforms.length) return { fact: fact('the flows were not read back') }
  const failures = await readBack(daemon, found, storage, flows, services)
  return { failures, fact: fact(`the flows were read back on ${own}`) }
}

/** For each flow, why it can't be read back in a container of the image; empty if it can. */
async function readBack(
  daemon: Daemon,
  { reference, image }: FoundImage,
  storage: DockerStorage,
  flows: readonly BuiltFlow[],
  { registries, log }: VerifyServices
): Promise<string[]> {
  const { registry, repository } = reference
  const pinned = { registry, repository, tag: undefined, digest: image.digest }
  await daemon.ensure({
    reference: pinned,
    findCredentials: registries.credentials,
    what: 'the image',
    onProgress: text => {
      log.progress(text)
    },
    hint: () => `Log in to ${registry} (docker login).`
  })
  log.progress('reading the flows back')
  const python = containerPython(daemon, referenceText(pinned))
  const readable = flows.map(({ name, location }): ReadableFlow =>
    storage.content === 'entrypoint'
      ? { kind: 'entrypoint', name, entrypoint: location, folder: storage.path ?? null }
      : { kind: 'file', name, path: location, content: storage.content }
  )
  const { flows: checks } = await python.check(readable, {
    storage: null,
    serialize: false,
    results: false
  })
  return flows.map(({ name }, index) => {
    const check = checks[index]
    if (check?.name !== name) return 'no answer'
    return check.ok ? '' : (check.error ?? 'no reason given')
  })
}
