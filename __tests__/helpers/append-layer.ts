import { append, type AppendOptions, type NewLayer } from '../../src/image/oci/append.js'
import type { Image } from '../../src/image/oci/image.js'
import { tagManifest, writeImage } from '../../src/image/oci/write.js'
import type { RegistryClient } from '../../src/registry/client.js'

/** Appends a layer to an image of a repository and writes the result there; gives its digest. */
export async function appendLayer(
  client: RegistryClient,
  repository: string,
  image: Image,
  layer: NewLayer,
  labels: AppendOptions['labels'],
  tags: readonly string[],
  { created }: Pick<AppendOptions, 'created'>
): Promise<string> {
  const appended = append(image, layer, { labels, created })
  await writeImage(client, repository, appended)
  for (const tag of tags) await tagManifest(client, repository, appended.manifest, tag)
  return appended.digest
}
