import type { ImageAnnotations } from '../../options/values/labels.js'
import type { Layer } from './compressed-layer.js'
import type { Image } from './image.js'
import { renew, type NewImage } from './renew.js'

/** A layer to put on an image. */
export interface NewLayer {
  readonly layer: Layer
  /** What `docker history` shows. */
  readonly createdBy: string
  readonly comment?: string
}

/** The properties of an appended image other than its layer. */
export interface AppendOptions {
  /** They override the labels of the image. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: ImageAnnotations
  /** Default the time of the image: another time would give another digest. */
  readonly created?: Date | undefined
}

/**
 * Adds a layer to the image of each platform. The layers below are not read. The same input gives the same
 * digests.
 *
 * @throws RegistryUnusable for documents of an unknown form
 */
export function append(
  image: Image,
  { layer, createdBy, comment }: NewLayer,
  { labels, annotations, created }: AppendOptions
): NewImage {
  return renew(image, {
    labels,
    ...(annotations === undefined ? {} : { annotations }),
    layers: [layer],
    config: ({ rootfs, history: before, created: time }) => {
      const at = created?.toISOString() ?? time
      const when = at === undefined ? {} : { created: at }
      return {
        ...when,
        rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, layer.diffId] },
        history: [
          ...(before ?? []),
          { ...when, created_by: createdBy, ...(comment === undefined ? {} : { comment }) }
        ]
      }
    }
  })
}
