import zlib from 'node:zlib'
import { FlowstoreError } from '../../errors.js'
import { LayerUnusable } from './layer-unusable.js'

/** Prefixes of names that remove something of the layers below (OCI image 1.1, "Whiteouts"). */
export const WHITEOUT = '.wh.'
export const OPAQUE = '.wh..wh..opq'

/**
 * Checks the path of a file for a layer.
 *
 * @throws FlowstoreError FILE_DESTINATION for a name that removes another file instead
 */
export function checkLayerPath(path: string): void {
  if (!path.split('/').some(part => part.startsWith(WHITEOUT))) return
  throw new FlowstoreError(
    'FILE_DESTINATION',
    `no image can hold ${path}: in a layer, a name that begins with ${WHITEOUT} removes a file of the layers below`,
    { hint: 'Rename it, or exclude it with .dockerignore.' }
  )
}

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
