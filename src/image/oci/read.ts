import type { RegistryClient, StoredManifest } from '../../registry/client.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import {
  familyOf,
  parseConfig,
  parseIndex,
  parseManifest,
  type Descriptor,
  type Platform
} from './documents.js'
import type { Image, PlatformImage } from './image.js'

/**
 * Whether an entry of an index is BuildKit's attestation of another entry (BuildKit, "Image attestation
 * storage"). A new layer on that image makes the attestation invalid.
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
    throw new RegistryUnusable(
      `${manifest.digest} has the unknown media type ${manifest.mediaType}`
    )
  }
  const { config } = parseManifest(manifest)
  if (familyOf('config', config.mediaType) === undefined) {
    throw new RegistryUnusable(`${manifest.digest} is not an image but ${config.mediaType}`)
  }
  const content = await client.blob(repository, config.digest)
  return { platform, manifest, config: parseConfig(content, config.digest) }
}

/**
 * Reads an image: its manifest and its configuration, for each platform.
 *
 * @returns undefined if the repository has no such image
 * @throws RegistryUnusable for content that is not an image of OCI or Docker schema 2
 */
export async function readImage(
  client: RegistryClient,
  repository: string,
  reference: string
): Promise<Image | undefined> {
  const manifest = await client.manifest(repository, reference)
  if (manifest === undefined) return undefined
  const { digest, mediaType } = manifest
  if (familyOf('index', mediaType) === undefined) {
    const image = await readPlatform(client, repository, manifest, undefined)
    return { digest, mediaType, manifest, platforms: [image] }
  }
  const entries = parseIndex(manifest).manifests.filter(entry => !isAttestation(entry))
  if (entries.length === 0) throw new RegistryUnusable(`the index ${digest} has no image`)
  const platforms = await Promise.all(
    entries.map(async entry => {
      const stored = await client.manifest(repository, entry.digest)
      if (stored === undefined) {
        throw new RegistryUnusable(`the repository lacks ${entry.digest} of the index ${digest}`)
      }
      return readPlatform(client, repository, stored, entry.platform)
    })
  )
  return { digest, mediaType, manifest, platforms }
}
