import type { Log } from '../../log.js'
import { VERSION } from '../../version.js'
import { layerTar, type FolderAncestors } from '../flow-layer.js'
import type { ImageMetadata } from '../metadata.js'
import { append } from '../oci/append.js'
import { gzipLayer, type Layer } from '../oci/compressed-layer.js'
import type { NamedImage } from '../oci/image.js'
import { platformDigests } from '../oci/index-of.js'
import { readPlatforms } from '../oci/read.js'
import { toOci } from '../oci/to-oci.js'
import { writeImage } from '../oci/write.js'
import type { ImageRepository } from '../repository.js'
import { readTags, registryTags } from '../tag-move.js'
import type { FlowImageContent, ImageName, ImageSink, PublishedImage } from './sink.js'
import { flowCount, sizeOf } from '../../util/text.js'

/** Options of {@link registrySink}. */
export interface RegistrySinkOptions {
  readonly repository: ImageRepository
  /** The environment image, in that repository. */
  readonly base: NamedImage
  /** The folders that the environment image describes. */
  readonly folders: FolderAncestors
  readonly metadata: ImageMetadata
  /** Reads the flows back from the layer's archive. */
  readonly check: (content: FlowImageContent, tar: Buffer) => Promise<void>
  /**
   * What the image's own tag named before; undefined if it was not looked up, or if the tag is the key of the
   * content and so names the same content in every push.
   */
  readonly tagBefore: { readonly digest: string | undefined } | undefined
  readonly log: Log
}

/** A flow layer as an archive. */
interface AssembledLayer {
  readonly content: FlowImageContent
  readonly tar: Buffer
  /** It is compressed while the flows are read back. */
  readonly layer: Promise<Layer>
}

/** Appends the flow layer through the registry's API: neither pulls nor builds anything. */
export function registrySink(options: RegistrySinkOptions): ImageSink<AssembledLayer> {
  return {
    assemble: async content => {
      const tar = await layerTar(content.layer, options.folders)
      const layer = gzipLayer(tar)
      // A failure is reported when it is pushed.
      layer.catch(() => undefined)
      return { content, tar, layer }
    },
    check: ({ content, tar }) => options.check(content, tar),
    publish: (assembled, name) =>
      options.log.phase('push', () => pushLayer(options, assembled, name)),
    discard: () => Promise.resolve()
  }
}

async function pushLayer(
  { repository, base, metadata, tagBefore, log }: RegistrySinkOptions,
  { content, layer }: AssembledLayer,
  { tag, tags }: ImageName
): Promise<PublishedImage> {
  const { client, path } = repository
  const createdBy = `flowstore ${VERSION}: ${flowCount(content.layer.flowCount)}`
  const all = [tag, ...tags]
  const reading = readTags(repository, all)
  const below = await readPlatforms(client, path, base)
  const { annotations, needsOci, created } = metadata
  const image = append(
    needsOci ? toOci(below) : below,
    { layer: await layer, createdBy },
    { labels: { ...metadata.labels, ...content.labels }, annotations, created }
  )
  await writeImage(client, path, image, (sent, size) => {
    log.progress(`pushing the flows: ${sizeOf(sent, size)}`)
  })
  const before = await reading
  const { digest, manifest } = image
  const tagNow = before.get(tag)
  if (tagBefore && tagNow && tagNow !== digest && tagNow !== tagBefore.digest) {
    log.notice({
      level: 'warning',
      message: `${repository.name}:${tag} moved while this image was built: another push set it to ${tagNow}; this build sets it to ${digest}`
    })
  }
  return {
    pushed: { digest, platforms: platformDigests(image) },
    tags: registryTags({ repository, manifest, tags: all, before })
  }
}
