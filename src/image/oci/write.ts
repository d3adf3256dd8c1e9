import type { RegistryClient, StoredManifest } from '../../registry/client.js'
import type { AppendedImage } from './append.js'
import { familyOf } from './documents.js'

/**
 * Puts an appended image into the repository of the image that it was made from. What a manifest names
 * is there before the manifest is (OCI distribution 1.1, "Pushing manifests"), and the tags come last: no
 * tag ever names half an image.
 *
 * @param tags without any the image is there by its digest alone
 */
export async function writeImage(
  client: RegistryClient,
  repository: string,
  image: AppendedImage,
  tags: readonly string[]
): Promise<void> {
  await Promise.all(image.blobs.map(blob => client.putBlob(repository, blob)))
  if (familyOf('index', image.mediaType) !== undefined) {
    await Promise.all(
      image.platforms.map(({ manifest }) =>
        tagManifest(client, repository, manifest, [manifest.digest])
      )
    )
  }
  const { manifest } = image
  await tagManifest(client, repository, manifest, tags.length === 0 ? [manifest.digest] : tags)
}

/** Gives a manifest tags, one request each. The first is there before the others are begun. */
export async function tagManifest(
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
