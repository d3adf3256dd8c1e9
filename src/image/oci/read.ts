import { BadContent, type RegistryClient, type StoredManifest } from '../../registry/client.js'
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

/**
 * Asks a registry whether it has layers.
 *
 * @throws BadContent for one that it lost
 */
export async function checkLayers(
  client: RegistryClient,
  repository: string,
  layers: readonly Descriptor[]
): Promise<void> {
  const digests = [...new Set(layers.map(({ digest }) => digest))]
  const lost = await Promise.all(digests.map(digest => client.isLost(repository, digest)))
  const first = digests.find((_digest, index) => lost[index])
  if (first === undefined) return
  throw new BadContent(`${client.registry}/${repository} lacks the layer ${first}`)
}

async function readPlatform(
  client: RegistryClient,
  repository: string,
  manifest: StoredManifest,
  platform: Platform | undefined,
  topLayers = 0
): Promise<PlatformImage> {
  if (familyOf('manifest', manifest.mediaType) === undefined) {
    throw new RegistryUnusable(
      `${manifest.digest} has the unknown media type ${manifest.mediaType}`
    )
  }
  const { config, layers } = parseManifest(manifest)
  if (familyOf('config', config.mediaType) === undefined) {
    throw new RegistryUnusable(`${manifest.digest} is not an image but ${config.mediaType}`)
  }
  const [content] = await Promise.all([
    client.blob(repository, config.digest),
    checkLayers(client, repository, topLayers === 0 ? [] : layers.slice(-topLayers))
  ])
  return { platform, manifest, config: parseConfig(content, config.digest) }
}

async function readEntry(
  client: RegistryClient,
  repository: string,
  { digest, platform }: Descriptor,
  index: StoredManifest,
  topLayers?: number
): Promise<PlatformImage> {
  const stored = await client.manifest(repository, digest)
  if (stored === undefined) throw new IncompleteIndex(index.digest, digest)
  return readPlatform(client, repository, stored, platform, topLayers)
}

async function checkEntry(
  client: RegistryClient,
  repository: string,
  { digest }: Descriptor,
  index: StoredManifest
): Promise<void> {
  const found = await client.digest(repository, digest)
  if (found === undefined) throw new IncompleteIndex(index.digest, digest)
}

const isIndex = ({ mediaType }: StoredManifest): boolean =>
  familyOf('index', mediaType) !== undefined

/**
 * Reads what a name stands for: its manifest and configuration, of an index those of one platform.
 *
 * @param topLayers how many of its layers, from the top, the registry is asked for at the same time, and of an index for
 * the manifests of the other platforms too. Default 0: for nothing
 * @returns undefined if the repository has no such image
 * @throws RegistryUnusable for content that is not an image of OCI or Docker schema 2; IncompleteIndex; BadContent for a
 * part that the registry lost
 */
export async function readNamed(
  client: RegistryClient,
  repository: string,
  reference: string,
  topLayers = 0
): Promise<NamedImage | undefined> {
  const manifest = await client.manifest(repository, reference)
  if (manifest === undefined) return undefined
  const { digest, mediaType } = manifest
  if (!isIndex(manifest)) {
    const own = await readPlatform(client, repository, manifest, undefined, topLayers)
    return { digest, mediaType, manifest, own }
  }
  const entries = imageEntries(manifest)
  const [first] = entries
  if (first === undefined) throw new RegistryUnusable(`the index ${digest} has no image`)
  const isOwn = ({ platform }: Descriptor) =>
    platform !== undefined && platformOf(platform.os, platform.architecture) === OWN_PLATFORM
  const entry = entries.find(isOwn) ?? first
  const others = topLayers === 0 ? [] : entries.filter(each => each !== entry)
  const [own] = await Promise.all([
    readEntry(client, repository, entry, manifest, topLayers),
    ...others.map(each => checkEntry(client, repository, each, manifest))
  ])
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
