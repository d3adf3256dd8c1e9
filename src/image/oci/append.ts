import type { StoredManifest } from '../../registry/client.js'
import { digestOf } from '../../registry/digest.js'
import { OCI } from '../../registry/media-types.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import { gzipLayer, type Layer } from './compressed-layer.js'
import { descriptorOf, familyOf, parseConfig, parseIndex, parseManifest } from './documents.js'
import type { Image, PlatformImage } from './image.js'

/** A layer to put on an image. */
export interface NewLayer {
  /** The archive, not compressed. */
  readonly tar: Buffer
  /** What `docker history` shows. */
  readonly createdBy: string
  readonly comment?: string
}

/** The properties of an appended image other than its layer. */
export interface AppendOptions {
  /** They override the labels of the image. */
  readonly labels: Readonly<Record<string, string>>
  readonly created: Date
}

/** An image with the blobs to upload for it. */
export interface AppendedImage extends Image {
  /** The blobs that the repository of the old image may lack. */
  readonly blobs: readonly Buffer[]
}

/**
 * Adds a layer to the image of each platform. The layers below are not read. The same input gives the same
 * digests.
 *
 * @throws RegistryUnusable for documents of an unknown form
 */
export function append(
  image: Image,
  { tar, createdBy, comment }: NewLayer,
  { labels, created }: AppendOptions
): AppendedImage {
  const layer = gzipLayer(tar)
  const history = {
    created: created.toISOString(),
    created_by: createdBy,
    ...(comment === undefined ? {} : { comment })
  }
  const parts = image.platforms.map(platform => appendToPlatform(platform, layer, history, labels))
  const platforms = parts.map(part => part.image)
  const manifest =
    familyOf('index', image.mediaType) === undefined
      ? platforms[0]?.manifest
      : newIndex(image, platforms)
  if (manifest === undefined) throw new RegistryUnusable(`${image.digest} has no image`)
  return {
    digest: manifest.digest,
    mediaType: image.mediaType,
    manifest,
    platforms,
    blobs: [layer.content, ...parts.map(part => part.config)]
  }
}

function appendToPlatform(
  { platform, manifest, config }: PlatformImage,
  layer: Layer,
  history: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>
): { readonly image: PlatformImage; readonly config: Buffer } {
  const newConfig = Buffer.from(
    JSON.stringify({
      ...config,
      created: history['created'],
      config: { ...config.config, Labels: { ...config.config?.Labels, ...labels } },
      rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.diffId] },
      history: [...(config.history ?? []), history]
    })
  )
  const old = parseManifest(manifest)
  const { layer: mediaType } = familyOf('manifest', manifest.mediaType) ?? OCI
  const added = { mediaType, size: layer.content.length, digest: layer.digest }
  const body = JSON.stringify({
    ...old,
    config: descriptorOf(old.config, newConfig),
    layers: [...old.layers, added]
  })
  const newManifest = { digest: digestOf(body), mediaType: manifest.mediaType, body }
  return {
    image: {
      platform,
      manifest: newManifest,
      config: parseConfig(newConfig, digestOf(newConfig))
    },
    config: newConfig
  }
}

function newIndex(image: Image, platforms: readonly PlatformImage[]): StoredManifest {
  const renewed = new Map(
    image.platforms.map(({ manifest }, index) => [manifest.digest, platforms[index]?.manifest.body])
  )
  const old = parseIndex(image.manifest)
  const body = JSON.stringify({
    ...old,
    manifests: old.manifests.flatMap(entry => {
      const manifest = renewed.get(entry.digest)
      return manifest === undefined ? [] : [descriptorOf(entry, manifest)]
    })
  })
  return { digest: digestOf(body), mediaType: image.mediaType, body }
}
