import type { RegistryClient, StoredManifest } from '../registry/client.js'
import { descriptorOf, familyOf, parseIndex, parseManifest } from './documents.js'
import { digestOf } from '../registry/digest.js'
import { tagImage, type PlatformImage, type RegistryImage } from './image.js'
import { gzipLayer, type Layer } from './layer.js'
import { OCI } from '../registry/media-types.js'
import { AppendUnsupported } from '../registry/unsupported.js'

/** A layer to put on an image. */
export interface NewLayer {
  /** The archive, not compressed. */
  readonly tar: Buffer
  /** What `docker history` shows. */
  readonly createdBy: string
  readonly comment?: string
}

interface Appended {
  readonly config: Buffer
  readonly manifest: StoredManifest
}

function appended(
  { manifest, config }: PlatformImage,
  layer: Layer,
  history: Record<string, string>,
  labels: Readonly<Record<string, string>>,
  created: string
): Appended {
  const newConfig = Buffer.from(
    JSON.stringify({
      ...config,
      created,
      config: { ...config.config, Labels: { ...config.config?.Labels, ...labels } },
      rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.diffId] },
      history: [...(config.history ?? []), { created, ...history }]
    })
  )
  const old = parseManifest(manifest)
  const family = familyOf('manifest', manifest.mediaType) ?? OCI
  const body = JSON.stringify({
    ...old,
    config: descriptorOf(old.config, newConfig),
    layers: [
      ...old.layers,
      { mediaType: family.layer, size: layer.content.length, digest: layer.digest }
    ]
  })
  return {
    config: newConfig,
    manifest: { digest: digestOf(body), mediaType: manifest.mediaType, body }
  }
}

/**
 * Puts one more layer on an image, on that of each platform, without reading the layers that it
 * has. What a manifest names is in the repository before the manifest is ("Pushing manifests"),
 * and the tags come last: none ever names half an image. The same input gives the same digests.
 *
 * @param repository where the image is, and where the new one goes
 * @param labels go over the image's own
 * @param tags to give the new image; without any it is there by its digest alone
 * @returns the digest that the tags now name
 */
export async function appendLayer(
  client: RegistryClient,
  repository: string,
  image: RegistryImage,
  { tar, createdBy, comment }: NewLayer,
  labels: Readonly<Record<string, string>>,
  tags: readonly string[],
  { created }: { readonly created: Date }
): Promise<string> {
  const layer = gzipLayer(tar)
  const history = { created_by: createdBy, ...(comment === undefined ? {} : { comment }) }
  const parts = image.platforms.map(platform =>
    appended(platform, layer, history, labels, created.toISOString())
  )
  await Promise.all(
    [layer.content, ...parts.map(part => part.config)].map(blob => client.putBlob(repository, blob))
  )
  const [first] = parts
  let manifest = first?.manifest
  if (familyOf('index', image.mediaType) !== undefined) {
    await Promise.all(
      parts.map(({ manifest: part }) => tagImage(client, repository, part, [part.digest]))
    )
    manifest = newIndex(image, parts)
  }
  if (manifest === undefined) throw new AppendUnsupported(`${image.digest} has no image`)
  await tagImage(client, repository, manifest, tags.length === 0 ? [manifest.digest] : tags)
  return manifest.digest
}

function newIndex(image: RegistryImage, parts: readonly Appended[]): StoredManifest {
  const renewed = new Map(
    image.platforms.map(({ manifest }, at) => [manifest.digest, parts[at]?.manifest.body])
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
