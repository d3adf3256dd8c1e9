import type { RegistryClient, StoredManifest } from '../../registry/client.js'
import type { OnSent } from '../../http/send.js'
import type { NewImage } from './renew.js'
import { familyOf } from './documents.js'

/**
 * Writes a new image to the repository of the image that it was made from. Blobs are uploaded before the manifest that
 * names them (OCI distribution 1.1, "Pushing manifests"), and the tags come last: no tag ever names an
 * incomplete image.
 *
 * @param tags if there are none, the image has only its digest
 * @param onSent called while a large blob is sent
 */
export async function writeImage(
  client: RegistryClient,
  repository: string,
  image: NewImage,
  tags: readonly string[],
  onSent?: OnSent
): Promise<void> {
  await Promise.all(image.blobs.map(blob => client.putBlob(repository, blob, undefined, onSent)))
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

/** Adds tags to a manifest, one request each. The first is complete before the others start. */
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
