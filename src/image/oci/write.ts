import type { RegistryClient, StoredManifest } from '../../registry/client.js'
import type { OnSent } from '../../http/send.js'
import type { NewImage } from './renew.js'
import { familyOf } from './documents.js'

/**
 * Writes a new image to the repository of the image that it was made from. Blobs are uploaded before the manifest that
 * names them (OCI distribution 1.1, "Pushing manifests"). The image has only its digest: no tag ever names an
 * incomplete image.
 *
 * @param onSent called while a large blob is sent
 */
export async function writeImage(
  client: RegistryClient,
  repository: string,
  image: NewImage,
  onSent?: OnSent
): Promise<void> {
  await Promise.all(image.blobs.map(blob => client.putBlob(repository, blob, undefined, onSent)))
  if (familyOf('index', image.mediaType) !== undefined) {
    await Promise.all(
      image.platforms.map(({ manifest }) =>
        tagManifest(client, repository, manifest, manifest.digest)
      )
    )
  }
  const { manifest } = image
  await tagManifest(client, repository, manifest, manifest.digest)
}

/** Stores a manifest under a tag, or under its digest. */
export async function tagManifest(
  client: RegistryClient,
  repository: string,
  { mediaType, body }: StoredManifest,
  reference: string
): Promise<void> {
  await client.putManifest(repository, reference, mediaType, body)
}
