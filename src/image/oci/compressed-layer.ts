import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { digestOf } from '../../registry/digest.js'

/** What the documents of an image say of a layer. */
export interface LayerDigests {
  readonly digest: string
  /** Digest of the archive before compression, as an image's configuration names it. */
  readonly diffId: string
  /** Bytes after compression. */
  readonly size: number
}

/** A layer ready for a registry. */
export interface Layer extends LayerDigests {
  /** The compressed archive. */
  readonly content: Buffer
}

const LEVEL = 6
/** Position of the operating system in a gzip header (RFC 1952, section 2.3), and its value for an unknown one. */
const SYSTEM_BYTE = 9
const UNKNOWN_SYSTEM = 255

/** A gzip file, or its first part, without the operating system that wrote it. */
export function withoutSystem(content: Buffer): Buffer {
  content[SYSTEM_BYTE] = UNKNOWN_SYSTEM
  return content
}

/**
 * Compresses an archive into a layer (OCI image 1.1, "Image Layer Filesystem Changeset"). The same archive
 * gives the same bytes: zlib writes no time, and the operating system is removed. Other work goes on meanwhile.
 */
export async function gzipLayer(tar: Buffer): Promise<Layer> {
  const content = withoutSystem(await promisify(gzip)(tar, { level: LEVEL }))
  return {
    content,
    digest: digestOf(content),
    diffId: digestOf(tar),
    size: content.length
  }
}
