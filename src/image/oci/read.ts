import type { RegistryClient, StoredManifest } from '../../registry/client.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import { OWN_PLATFORM, platformOf } from '../../util/platform.js'
import {
  familyOf,
  imageEntries,
  parseConfig,
  parseManifest,
  type Descriptor,
  type Platform
} from './documents.js'
import { IncompleteIndex } from './incomplete-index.js'
import type { Image, NamedImage, PlatformImage } from './image.js'

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

async function readEntry(
  client: RegistryClient,
  repository: string,
  { digest, platform }: Descriptor,
  index: StoredManifest
): Promise<PlatformImage> {
  const stored = await client.manifest(repository, digest)
  if (stored === undefined) throw new IncompleteIndex(index.digest, digest)
  return readPlatform(client, repository, stored, platform)
}

const isIndex = ({ mediaType }: StoredManifest): boolean =>
  familyOf('index', mediaType) !== undefined

/**
 * Reads what a name stands for: its manifest and configuration, of an index those of one platform.
 *
 * @returns undefined if the repository has no such image
 * @throws RegistryUnusable for content that is not an image of OCI or Docker schema 2; IncompleteIndex
 */
export async function readNamed(
  client: RegistryClient,
  repository: string,
  reference: string
): Promise<NamedImage | undefined> {
  const manifest = await client.manifest(repository, reference)
  if (manifest === undefined) return undefined
  const { digest, mediaType } = manifest
  if (!isIndex(manifest)) {
    const own = await readPlatform(client, repository, manifest, undefined)
    return { digest, mediaType, manifest, own }
  }
  const entries = imageEntries(manifest)
  const [first] = entries
  if (first === undefined) throw new RegistryUnusable(`the index ${digest} has no image`)
  const isOwn = ({ platform }: Descriptor) =>
    platform !== undefined && platformOf(platform.os, platform.architecture) === OWN_PLATFORM
  const entry = entries.find(isOwn) ?? first
  const own = await readEntry(client, repository, entry, manifest)
  return { digest, mediaType, manifest, own }
}

/**
 * Reads the other platforms of a named image, unless they are read already; without an index there are none.
 *
 * @throws as {@link readNamed}
 */
export async function readPlatforms(
  client: RegistryClient,
  repository: string,
  named: NamedImage | Image
): Promise<Image> {
  if ('platforms' in named) return named
  const { manifest, own } = named
  if (!isIndex(manifest)) return { ...named, platforms: [own] }
  const platforms = await Promise.all(
    imageEntries(manifest).map(async entry =>
      entry.digest === own.manifest.digest ? own : readEntry(client, repository, entry, manifest)
    )
  )
  return { ...named, platforms }
}

/**
 * Reads an image: its manifest and its configuration, for each platform.
 *
 * @returns undefined if the repository has no such image
 * @throws as {@link readNamed}
 */
export async function readImage(
  client: RegistryClient,
  repository: string,
  reference: string
): Promise<Image | undefined> {
  const named = await readNamed(client, repository, reference)
  return named && readPlatforms(client, repository, named)
}
