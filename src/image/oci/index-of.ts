import { digestOf } from '../../registry/digest.js'
import { OCI } from '../../registry/media-types.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import { platformOf } from '../../util/platform.js'
import { familyOf, imageEntries } from './documents.js'
import { ownOf, type Image, type NamedImage, type PlatformImage } from './image.js'

/** One platform of an index. */
export interface PlatformDigest {
  /** `os/architecture` */
  readonly platform: string
  /** Digest of its manifest. */
  readonly digest: string
}

/** The platforms of an image that is an index; none of another image. */
export const platformDigests = ({ manifest }: Pick<NamedImage, 'manifest'>): PlatformDigest[] =>
  familyOf('index', manifest.mediaType) === undefined
    ? []
    : imageEntries(manifest).flatMap(({ platform, digest }) =>
        platform === undefined
          ? []
          : [{ platform: platformOf(platform.os, platform.architecture), digest }]
      )

/** An index of images of one repository (OCI image 1.1, "OCI Image Index"). The same images give the same digest. */
export function indexOf(images: readonly PlatformImage[]): Image {
  const platforms = images.map(image => ({ ...image, platform: platformOfConfig(image) }))
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: platforms.map(({ manifest: { mediaType, digest, body: text }, platform }) => ({
      mediaType,
      digest,
      size: Buffer.byteLength(text),
      platform
    }))
  })
  const digest = digestOf(body)
  const own = ownOf(platforms)
  if (own === undefined) throw new RegistryUnusable(`the index ${digest} has no image`)
  const manifest = { digest, mediaType: OCI.index, body }
  return { digest, mediaType: OCI.index, manifest, own, platforms }
}

/** The platform of an entry, as the configuration of its image has it. */
function platformOfConfig({ config }: PlatformImage) {
  const { os = '', architecture = '', variant } = config as Record<string, string | undefined>
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}
