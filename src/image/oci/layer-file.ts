import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { LayerDigests } from './compressed-layer.js'
import { LEVEL, withoutSystem } from './compressed-layer.js'

/** A compressed layer on disk. */
export interface LayerFile extends LayerDigests {
  readonly path: string
}

/**
 * Compresses an archive into a file, in parts: the memory does not depend on its size. The same archive gives the
 * same bytes, as with `gzipLayer`.
 */
export async function gzipLayerFile(tar: NodeJS.ReadableStream, path: string): Promise<LayerFile> {
  const content = hashing()
  const compressed = hashing(withoutSystem)
  await pipeline(
    tar,
    content.stream,
    createGzip({ level: LEVEL }),
    compressed.stream,
    createWriteStream(path)
  )
  return {
    path,
    diffId: content.digest(),
    digest: compressed.digest(),
    size: compressed.size()
  }
}

/** The blob of a layer for an upload. */
export const layerBlob = ({ path, digest, size }: LayerFile) => ({
  digest,
  content: { size, open: () => createReadStream(path) }
})

function hashing(first: (part: Buffer) => Buffer = part => part) {
  const hash = createHash('sha256')
  let size = 0
  const stream = new Transform({
    transform(part: Buffer, _encoding, done) {
      const changed = size === 0 ? first(part) : part
      size += changed.length
      hash.update(changed)
      done(null, changed)
    }
  })
  return { stream, digest: () => `sha256:${hash.digest('hex')}`, size: () => size }
}
