import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseManifest, type Descriptor } from '../../image/oci/documents.js'
import type { Image } from '../../image/oci/image.js'
import { layerBlob, type LayerFile } from '../../image/oci/layer-file.js'
import { renew } from '../../image/oci/renew.js'
import type { Labels } from '../../image/labels.js'
import { tagManifest } from '../../image/oci/write.js'
import type { ImageRepository } from '../../image/repository.js'
import type { Log } from '../../log.js'
import { verified } from '../../registry/verified.js'
import { humanSize } from '../../util/text.js'
import { VERSION } from '../../version.js'
import type { EnvironmentPlan } from '../plan/plan.js'
import type { RegistryBase } from './read-base.js'

/** An environment image whose parts are ready. */
export interface ReadyEnvironment {
  readonly repository: ImageRepository
  readonly base: RegistryBase
  readonly plan: EnvironmentPlan
  /** The bytecode of the base's standard library, if the base has none, and the packages. */
  readonly layers: { readonly library: LayerFile | undefined; readonly packages: LayerFile }
  readonly labels: Labels
}

/**
 * Writes an environment image to a repository: the layers of its base, mounted or copied, then its own layers and the
 * configuration, then the manifest under its digest.
 *
 * @returns the image as the repository has it
 * @throws FlowstoreError REGISTRY, PUSH_REFUSED; RegistryUnusable
 */
export async function writeEnvironment(
  { repository, base, plan, layers: { library, packages }, labels }: ReadyEnvironment,
  log: Log
): Promise<Image> {
  const { client, path, name } = repository
  const { variables, workingDirectory } = plan.parts
  const created = new Date().toISOString()
  const added = [
    ...(library === undefined
      ? []
      : [{ layer: library, what: 'bytecode of the standard library' }]),
    { layer: packages, what: `Prefect ${plan.prefect} and packages` }
  ]
  const env = Object.entries({ ...plan.base.env, ...variables })
  const image = renew(onePlatform(base), {
    labels,
    layers: added.map(({ layer }) => layer),
    config: old => ({
      created,
      rootfs: {
        ...old.rootfs,
        diff_ids: [...old.rootfs.diff_ids, ...added.map(({ layer }) => layer.diffId)]
      },
      history: [
        ...(old.history ?? []),
        ...added.map(({ what }) => ({ created, created_by: `flowstore ${VERSION}: ${what}` }))
      ],
      config: {
        Env: env.map(([key, value]) => `${key}=${value}`),
        ...(workingDirectory === undefined ? {} : { WorkingDir: workingDirectory })
      }
    })
  })
  const { layers } = parseManifest(base.image.manifest)
  await Promise.all(layers.map(each => copyLayer(base, repository, each, log)))
  for (const { layer } of added) {
    await client.storeBlob(path, {
      ...layerBlob(layer),
      onSent: (sent, size) => {
        log.progress(`pushing the packages: ${humanSize(sent)} of ${humanSize(size)}`)
      }
    })
  }
  await Promise.all(image.blobs.map(blob => client.putBlob(path, blob)))
  await tagManifest(client, path, image.manifest, image.manifest.digest)
  const size = added.reduce((sum, { layer }) => sum + layer.size, 0)
  log.info(`Environment ${plan.key}: pushed to ${name} (${humanSize(size)} on its base)`)
  return image
}

/** The base image for the platform of the build alone, without an index. */
function onePlatform({ image }: RegistryBase): Image {
  const { manifest, config } = image
  const { digest, mediaType } = manifest
  const own = { manifest, config }
  return { digest, mediaType, manifest, own, platforms: [own] }
}

/** Mounts a layer of the base image, or streams it from the other registry. */
async function copyLayer(
  { client: source, name }: RegistryBase,
  { client, path, reference }: ImageRepository,
  { digest, size }: Descriptor,
  log: Log
): Promise<void> {
  const from = name.registry === reference.registry ? name.repository : undefined
  if (from === path) return
  const open = () => {
    const content = new PassThrough()
    source
      .readBlob(name.repository, { digest, size }, body =>
        pipeline(verified(body, digest), content)
      )
      .catch((error: unknown) => content.destroy(error as Error))
    return content
  }
  const onSent = (sent: number) => {
    log.progress(`copying the base image: ${humanSize(sent)} of ${humanSize(size)}`)
  }
  await client.storeBlob(path, { digest, content: { size, open }, onSent }, from)
}
