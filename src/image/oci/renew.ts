import type { ImageAnnotations } from '../../options/values/labels.js'
import type { StoredManifest } from '../../registry/client.js'
import { digestOf } from '../../registry/digest.js'
import { OCI } from '../../registry/media-types.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import {
  descriptorOf,
  familyOf,
  parseConfig,
  parseIndex,
  parseManifest,
  type Descriptor,
  type ImageConfig
} from './documents.js'
import { ownOf, type Image, type PlatformImage } from './image.js'

/** An image that was made from another one, with the blobs to upload for it. */
export interface NewImage extends Image {
  /** The blobs that the repository of the old image may lack. */
  readonly blobs: readonly Buffer[]
}

/** What a new image has other than the old one. */
export interface ImageChange {
  /** The labels to add. They override those of the image. */
  readonly labels: Readonly<Record<string, string>>
  /** The annotations to add, where the manifests are OCI's; default none. */
  readonly annotations?: ImageAnnotations
  /** The other changes of a configuration. Its part `config` is merged with the old one. */
  readonly config?: (old: ImageConfig) => Partial<ImageConfig>
  /** Layers to put on top, in their order; without its content, somebody else uploads a layer. */
  readonly layers?: readonly (Pick<Descriptor, 'digest' | 'size'> & {
    readonly content?: Buffer
  })[]
}

/**
 * Changes the image of each platform. The layers are not read. The same input gives the same digests.
 *
 * @throws RegistryUnusable for documents of an unknown form
 */
export function renew(image: Image, change: ImageChange): NewImage {
  const parts = image.platforms.map(platform => renewPlatform(platform, change))
  const platforms = parts.map(part => part.image)
  const manifest =
    familyOf('index', image.mediaType) === undefined
      ? platforms[0]?.manifest
      : newIndex(image, platforms, change.annotations)
  const own = ownOf(platforms)
  if (manifest === undefined || own === undefined)
    throw new RegistryUnusable(`${image.digest} has no image`)
  return {
    digest: manifest.digest,
    mediaType: image.mediaType,
    manifest,
    own,
    platforms,
    blobs: [
      ...(change.layers ?? []).flatMap(({ content }) => content ?? []),
      ...parts.map(part => part.config)
    ]
  }
}

/** The same image with other labels. */
export const relabel = (image: Image, labels: ImageChange['labels']): NewImage =>
  renew(image, { labels })

function renewPlatform(
  { platform, manifest, config }: PlatformImage,
  { labels, annotations, config: changed, layers = [] }: ImageChange
): { readonly image: PlatformImage; readonly config: Buffer } {
  const changes = changed?.(config)
  const newConfig = Buffer.from(
    JSON.stringify({
      ...config,
      ...changes,
      config: {
        ...config.config,
        ...changes?.config,
        Labels: { ...config.config?.Labels, ...labels }
      }
    })
  )
  const old = parseManifest(manifest)
  const { layer: mediaType } = familyOf('manifest', manifest.mediaType) ?? OCI
  const added = layers.map(({ size, digest }) => ({ mediaType, size, digest }))
  const body = JSON.stringify({
    ...old,
    config: descriptorOf(old.config, newConfig),
    layers: [...old.layers, ...added],
    ...annotated(old.annotations, annotations?.manifest, manifest.mediaType === OCI.manifest)
  })
  return {
    image: {
      platform,
      manifest: { digest: digestOf(body), mediaType: manifest.mediaType, body },
      config: parseConfig(newConfig, digestOf(newConfig))
    },
    config: newConfig
  }
}

/** The field `annotations` of a document with more of them; no field if there is nothing to add. */
const annotated = (
  old: Descriptor['annotations'],
  added: Readonly<Record<string, string>> = {},
  isOci = true
): { readonly annotations?: Readonly<Record<string, string>> } =>
  isOci && Object.keys(added).length > 0 ? { annotations: { ...old, ...added } } : {}

function newIndex(
  image: Image,
  platforms: readonly PlatformImage[],
  annotations: ImageAnnotations | undefined
): StoredManifest {
  const isOci = image.mediaType === OCI.index
  const renewed = new Map(
    image.platforms.map(({ manifest }, index) => [manifest.digest, platforms[index]?.manifest.body])
  )
  const old = parseIndex(image.manifest)
  const body = JSON.stringify({
    ...old,
    manifests: old.manifests.flatMap(entry => {
      const manifest = renewed.get(entry.digest)
      if (manifest === undefined) return []
      const more = annotated(entry.annotations, annotations?.descriptor, isOci)
      return [{ ...descriptorOf(entry, manifest), ...more }]
    }),
    ...annotated(old.annotations, annotations?.index, isOci)
  })
  return { digest: digestOf(body), mediaType: image.mediaType, body }
}
