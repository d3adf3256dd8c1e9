import type { RegistryClient, StoredManifest } from '../registry/client.js'
import {
  familyOf,
  parseConfig,
  parseIndex,
  parseManifest,
  type Descriptor,
  type ImageConfig,
  type Platform
} from './documents.js'
import { AppendUnsupported } from '../registry/unsupported.js'

/** The image of one platform. */
export interface PlatformImage {
  /** As the index has it; undefined for an image with no index. */
  readonly platform?: Platform | undefined
  readonly manifest: StoredManifest
  /** With everything in it, known here or not. */
  readonly config: ImageConfig
}

/** An image as a registry has it: one manifest, or an index with one for each platform. */
export interface RegistryImage {
  readonly digest: string
  readonly mediaType: string
  /** What a tag of this image names: the manifest or the index. */
  readonly manifest: StoredManifest
  /** Attestations, which an index may have too, are none. */
  readonly platforms: readonly PlatformImage[]
}

/**
 * Whether an entry of an index is BuildKit's statement about another entry ("Image attestation
 * storage"). Once that other image has a new layer, the statement is about none.
 */
const isAttestation = ({ annotations, platform }: Descriptor): boolean =>
  Object.keys(annotations ?? {}).some(name => name.startsWith('vnd.docker.reference.')) ||
  (platform?.os === 'unknown' && platform.architecture === 'unknown')

async function readPlatform(
  client: RegistryClient,
  repository: string,
  manifest: StoredManifest,
  platform: Platform | undefined
): Promise<PlatformImage> {
  if (familyOf('manifest', manifest.mediaType) === undefined) {
    throw new AppendUnsupported(`${manifest.digest} is of the kind ${manifest.mediaType}`)
  }
  const { config } = parseManifest(manifest)
  if (familyOf('config', config.mediaType) === undefined) {
    throw new AppendUnsupported(`${manifest.digest} is no image but ${config.mediaType}`)
  }
  const content = await client.blob(repository, config.digest)
  return {
    platform,
    manifest,
    config: parseConfig(content, config.digest)
  }
}

/**
 * Reads an image: its manifest and its configuration, of each platform where there are several.
 *
 * @returns undefined where the repository has none of that name
 * @throws AppendUnsupported for what is no image of the OCI's or Docker's schema 2
 */
export async function readImage(
  client: RegistryClient,
  repository: string,
  reference: string
): Promise<RegistryImage | undefined> {
  const manifest = await client.manifest(repository, reference)
  if (manifest === undefined) return undefined
  const { digest, mediaType } = manifest
  if (familyOf('index', mediaType) === undefined) {
    const image = await readPlatform(client, repository, manifest, undefined)
    return { digest, mediaType, manifest, platforms: [image] }
  }
  const entries = parseIndex(manifest).manifests.filter(entry => !isAttestation(entry))
  if (entries.length === 0) throw new AppendUnsupported(`the index ${digest} has no image`)
  const platforms = await Promise.all(
    entries.map(async entry => {
      const stored = await client.manifest(repository, entry.digest)
      if (stored === undefined) {
        throw new AppendUnsupported(`the repository lacks ${entry.digest} of the index ${digest}`)
      }
      return readPlatform(client, repository, stored, entry.platform)
    })
  )
  return { digest, mediaType, manifest, platforms }
}

/**
 * Gives an image more tags, one request each. The first one is there before the others are begun.
 */
export async function tagImage(
  client: RegistryClient,
  repository: string,
  { mediaType, body }: StoredManifest,
  tags: readonly string[]
): Promise<void> {
  const [first, ...others] = tags
  if (first === undefined) return
  const put = (tag: string) => client.putManifest(repository, tag, mediaType, body)
  await put(first)
  await Promise.all(others.map(put))
}
