import { posix } from 'node:path'
import { parseReference } from '../../registry/reference.js'

/** The package URL of a Python package: https://github.com/package-url/purl-spec. */
export const pypiPurl = (name: string, version: string): string =>
  `pkg:pypi/${name.toLowerCase().replaceAll('_', '-')}@${encodeURIComponent(version)}`

/**
 * The package URL of an image.
 *
 * @param reference its name, with a tag or without
 * @param digest of its manifest or index, if it is known
 */
export function ociPurl(reference: string, digest: string | undefined): string {
  const { registry, repository, tag } = parseReference(reference)
  const version = digest === undefined ? '' : `@${encodeURIComponent(digest)}`
  const qualifiers = new URLSearchParams({
    repository_url: `${registry}/${repository}`,
    ...(tag === undefined ? {} : { tag })
  })
  return `pkg:oci/${posix.basename(repository)}${version}?${qualifiers.toString()}`
}
