import { posix } from 'node:path'
import { normalizedName } from '../../packages/requirement.js'
import type { BaseFacts } from './base-facts.js'

/** Metadata of a package that no wheel brought: setuptools or distutils has installed it. */
const METADATA = /^([^-/]+)(?:-([^-/]+))?(?:-py[\d.]+)?(?:-[^/]+)?\.(?:egg-info|egg|egg-link)$/

/**
 * The packages of a base image that have no RECORD in the form of wheels, so uv is not told of them: normalized name to
 * version, which may be empty.
 */
export function unrecordedPackages({
  siteFiles
}: Pick<BaseFacts, 'siteFiles'>): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const path of siteFiles) {
    const [, name, version = ''] = METADATA.exec(path.split(posix.sep)[0] ?? '') ?? []
    if (name !== undefined) found[normalizedName(name)] = version
  }
  return found
}
