import { isDeepStrictEqual } from 'node:util'
import type { Daemon } from '../docker/connect.js'
import { FlowstoreError } from '../errors.js'
import { flowPath } from '../image/describe.js'
import { KEY_LABEL, readImageLabels, type BuildDescription } from '../image/labels.js'
import { parseManifest } from '../image/oci/documents.js'
import { ImageFiles } from '../image/oci/image-files.js'
import { layersOf, platformIn, type Image } from '../image/oci/image.js'
import { readImage } from '../image/oci/read.js'
import type { Log } from '../log.js'
import { containerPython } from '../python/container.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import type { RegistryClient } from '../registry/client.js'
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
  /** Whether the flows are read back, in a container of the image. */
  readonly healthcheck: boolean
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
  /** `image`, `digest`, `content`, `labels` or `key`. */
  readonly name: string
  readonly ok: boolean
  /** What was found, in a clause. */
  readonly found: string
}

/** One flow of a verified image. */
export interface VerifiedFlow {
  readonly name: string
  /** Its location in the storage. */
  readonly location: string
  /**
   * Its file in the image: `recorded` is the one that the build recorded, `differs` another one. `unknown` if the build
   * recorded none.
   */
  readonly file: 'recorded' | 'differs' | 'missing' | 'unknown'
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
 * can be read back in a container of the image.
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
  const flows =
    storage === undefined || built === undefined
      ? []
      : await verifiedFlows(found, storage, built, request, services)
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
  const platforms = image.platforms.map(platformIn).join(', ')
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

function labelFacts({ platforms }: Image, { storage: given }: VerifyRequest): LabelFacts {
  const all = platforms.map(({ config }) => config.config?.Labels ?? {})
  const key = all[0]?.[KEY_LABEL]
  const labelled = key === undefined ? undefined : readImageLabels(all[0] ?? {}, key)
  if (key === undefined || labelled === undefined) {
    const found = 'this version of flowstore did not make the image'
    return { facts: [{ name: 'labels', ok: false, found }] }
  }
  const others = all.filter(labels => labels[KEY_LABEL] !== key)
  const keyFact = {
    name: 'key',
    ok: others.length === 0,
    found: others.length === 0 ? key : 'the images of the platforms have different keys'
  }
  const isSame = given === undefined || isDeepStrictEqual(given, labelled.storage)
  const labels = {
    name: 'labels',
    ok: isSame,
    found: !isSame
      ? 'they have another storage than the given one'
      : given === undefined
        ? 'they have a storage'
        : 'they have the given storage'
  }
  const storage = deserialize(labelled.storage)
  return storage instanceof DockerStorage
    ? { facts: [labels, keyFact], storage, built: labelled.built }
    : { facts: [labels, keyFact] }
}

type BuiltFlow = BuildDescription['flows'][number]

async function verifiedFlows(
  found: FoundImage,
  storage: DockerStorage,
  { flows }: BuildDescription,
  { healthcheck }: VerifyRequest,
  services: VerifyServices
): Promise<VerifiedFlow[]> {
  const hashes = await fileHashes(
    found,
    new Set(flows.map(flow => flowPath(storage, flow))),
    services.log
  )
  const failures = healthcheck ? await readBack(found, storage, flows, services) : undefined
  return flows.map((flow, index) => {
    const hash = hashes.get(flowPath(storage, flow))
    const file =
      hash === undefined
        ? 'missing'
        : flow.sha256 === null
          ? 'unknown'
          : hash === flow.sha256
            ? 'recorded'
            : 'differs'
    const { name, location } = flow
    return { name, location, file, failure: failures?.[index] ?? null }
  })
}

/** Reads layers from the top until each file is found: flows are in the last ones. */
async function fileHashes(
  { client, reference: { repository }, image }: FoundImage,
  paths: ReadonlySet<string>,
  log: Log
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  for (const layer of layersOf(image.own).toReversed()) {
    if (hashes.size === paths.size) break
    const files = new ImageFiles()
    await client.readBlob(repository, layer, body =>
      files.add(
        verified(body, layer.digest, bytes => {
          log.progress(`reading a layer: ${sizeOf(bytes, layer.size)}`)
        }),
        layer.mediaType,
        path => paths.has(path)
      )
    )
    for (const path of paths) {
      const content = hashes.has(path) ? undefined : files.at(path)?.content
      if (content !== undefined) hashes.set(path, sha256(content))
    }
  }
  return hashes
}

/** For each flow, why it can't be read back in a container of the image; empty if it can. */
async function readBack(
  { reference, image }: FoundImage,
  storage: DockerStorage,
  flows: readonly BuiltFlow[],
  { connect, registries, log }: VerifyServices
): Promise<string[]> {
  const daemon = await connect()
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
