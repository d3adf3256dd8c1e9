import { gzipSync } from 'node:zlib'
import { digestOf } from '../../registry/digest.js'

/** A layer ready to be put into a registry. */
export interface Layer {
  /** The compressed archive. */
  readonly content: Buffer
  readonly digest: string
  /** Digest of the archive before compression, as an image's configuration names it. */
  readonly diffId: string
}

const LEVEL = 6
/** Where gzip says which system wrote it (RFC 1952, section 2.3), and its word for none. */
const SYSTEM = 9
const UNKNOWN = 255

/**
 * Compresses an archive into a layer (OCI image 1.1, "Image Layer Filesystem Changeset"). The same
 * archive gives the same bytes: zlib writes no time, and the system's name is taken out.
 */
export function gzipLayer(tar: Buffer): Layer {
  const content = gzipSync(tar, { level: LEVEL })
  content[SYSTEM] = UNKNOWN
  return { content, digest: digestOf(content), diffId: digestOf(tar) }
}
