import { createHash } from 'node:crypto'
import { sha256 } from '../util/hash.js'

/** The digest of content in the form of manifests (OCI image 1.1, "Digests"). */
export const digestOf = (content: Buffer | string): string => `sha256:${sha256(content)}`

/** Whether a text is a digest rather than a tag. */
export const isDigest = (reference: string): boolean => reference.includes(':')

/** Whether content matches a digest; false for algorithms that the OCI specification does not register. */
export function hasDigest(content: Buffer, digest: string): boolean {
  const [algorithm = '', hex] = digest.split(':', 2)
  return (
    ['sha256', 'sha512'].includes(algorithm) &&
    createHash(algorithm).update(content).digest('hex') === hex
  )
}
