import { createGunzip } from 'node:zlib'
import { RegistryUnusable } from '../../registry/unusable.js'

/** Prefixes of names that remove something of the layers below (OCI image 1.1, "Whiteouts"). */
export const WHITEOUT = '.wh.'
export const OPAQUE = '.wh..wh..opq'

/**
 * What makes an archive of the blob of a layer.
 *
 * @throws RegistryUnusable for a media type that can't be read
 */
export function unpacking(mediaType: string) {
  if (/gzip$/.test(mediaType)) return [createGunzip({ chunkSize: 256 * 1024 })]
  if (/\btar$/.test(mediaType)) return []
  throw new RegistryUnusable(`a layer of the media type ${mediaType} can't be read here`)
}
