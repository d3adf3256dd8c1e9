import { gzipLayer } from './compressed-layer.js'
import type { Image } from './image.js'
import { renew, type NewImage } from './renew.js'

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
): NewImage {
  const layer = gzipLayer(tar)
  const history = {
    created: created.toISOString(),
    created_by: createdBy,
    ...(comment === undefined ? {} : { comment })
  }
  return renew(image, {
    labels,
    layers: [layer],
    config: ({ rootfs, history: before }) => ({
      created: history.created,
      rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, layer.diffId] },
      history: [...(before ?? []), history]
    })
  })
}
