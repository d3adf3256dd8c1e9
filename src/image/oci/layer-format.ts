import zlib from 'node:zlib'
import { LayerUnusable } from './layer-unusable.js'

/** Prefixes of names that remove something of the layers below (OCI image 1.1, "Whiteouts"). */
export const WHITEOUT = '.wh.'
export const OPAQUE = '.wh..wh..opq'

/** The first of Node's releases that unpack zstd. */
const NODE_WITH_ZSTD = '22.15'

/**
 * What makes an archive of the blob of a layer.
 *
 * @throws LayerUnusable for a media type that can't be read
 */
export function unpacking(mediaType: string) {
  if (/gzip$/.test(mediaType)) return [zlib.createGunzip({ chunkSize: 256 * 1024 })]
  if (/\btar$/.test(mediaType)) return []
  if (!/zstd$/.test(mediaType)) {
    throw new LayerUnusable(`a layer of the media type ${mediaType} can't be read here`)
  }
  if ('createZstdDecompress' in zlib) return [zlib.createZstdDecompress()]
  throw new LayerUnusable(
    `a layer is compressed with zstd, which Node ${process.versions.node} can't unpack (${NODE_WITH_ZSTD} and later can)`
  )
}
