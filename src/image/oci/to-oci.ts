import { digestOf } from '../../registry/digest.js'
import { DOCKER, OCI } from '../../registry/media-types.js'
import { parseIndex, parseManifest, type Descriptor } from './documents.js'
import { ownOf, type Image, type PlatformImage } from './image.js'

/** Docker's media types with those of OCI for the same content. */
const SAME: Readonly<Record<string, string>> = Object.fromEntries(
  (Object.keys(OCI) as (keyof typeof OCI)[]).map(part => [DOCKER[part], OCI[part]])
)

const converted = <T extends { readonly mediaType: string }>(value: T): T => ({
  ...value,
  mediaType: SAME[value.mediaType] ?? value.mediaType
})

/**
 * The same image with OCI's media types: Docker's manifests can't have annotations. Its configuration and its layers are
 * the same bytes.
 */
export function toOci(image: Image): Image {
  const platforms = image.platforms.map(convertedPlatform)
  const own = ownOf(platforms) ?? convertedPlatform(image.own)
  const isIndex = image.mediaType === OCI.index || image.mediaType === DOCKER.index
  const manifest = isIndex ? convertedIndex(image, platforms) : own.manifest
  const { digest, mediaType } = manifest
  return { digest, mediaType, manifest, own, platforms }
}

function convertedPlatform(platform: PlatformImage): PlatformImage {
  if (platform.manifest.mediaType !== DOCKER.manifest) return platform
  const old = parseManifest(platform.manifest)
  const body = JSON.stringify({
    ...old,
    mediaType: OCI.manifest,
    config: converted(old.config),
    layers: old.layers.map(converted)
  })
  return { ...platform, manifest: { digest: digestOf(body), mediaType: OCI.manifest, body } }
}

function convertedIndex(image: Image, platforms: readonly PlatformImage[]): Image['manifest'] {
  const manifests = new Map(
    image.platforms.map((old, index) => [old.manifest.digest, platforms[index]?.manifest])
  )
  const old = parseIndex(image.manifest)
  const body = JSON.stringify({
    ...old,
    mediaType: OCI.index,
    manifests: old.manifests.map((entry): Descriptor => {
      const manifest = manifests.get(entry.digest)
      if (manifest === undefined) return entry
      const { digest, mediaType, body: text } = manifest
      return { ...entry, mediaType, digest, size: Buffer.byteLength(text) }
    })
  })
  return { digest: digestOf(body), mediaType: OCI.index, body }
}
