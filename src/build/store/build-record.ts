import { resolve } from 'node:path'
import type { Origin } from '../../ci/origin.js'
import { environmentFacts } from '../../environment/environment-labels.js'
import type { EnvironmentImage } from '../../environment/environment.js'
import { provenanceOf, type HashedFile } from '../../image/attestations/provenance.js'
import type { BuildRecord } from '../../image/labels.js'
import { secondsOf, type NamedBase } from '../../image/metadata.js'
import { platformIn, type Image } from '../../image/oci/image.js'
import { builtParameters } from '../../options/identity.js'
import { OWN_PLATFORM } from '../../util/platform.js'
import { mapFiles } from '../../util/files.js'
import { sha256, sha256File } from '../../util/hash.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'

/** The base image in its registry; undefined for one that is in none. */
export const namedBase = ({ facts }: Pick<EnvironmentImage, 'facts'>): NamedBase | undefined =>
  facts.baseDigest === undefined ? undefined : { reference: facts.base, digest: facts.baseDigest }

/**
 * What a build records of its image, without a provenance.
 *
 * @param image the environment image with all its platforms; undefined for one platform
 */
export function plainRecord(
  { facts }: EnvironmentImage,
  origin: Origin,
  image?: Pick<Image, 'platforms'>
): BuildRecord {
  const others = image?.platforms.map(platform => ({
    platform: platformIn(platform),
    packages: environmentFacts(platform.config.config?.Labels ?? {})?.packages ?? {}
  }))
  return {
    commit: origin.revision ?? null,
    created: origin.created === undefined ? null : secondsOf(origin.created),
    base: { reference: facts.base, digest: facts.baseDigest ?? null },
    platforms: others ?? [{ platform: OWN_PLATFORM, packages: facts.packages }],
    isExtended: facts.late.length > 0,
    provenance: null
  }
}

/** What a build records of its image: see {@link plainRecord}. */
export async function buildRecord(
  inputs: BuildInputs,
  { environment, key }: PlannedImage,
  origin: Origin,
  services: Services,
  image?: Pick<Image, 'platforms'>
): Promise<BuildRecord> {
  const { location, reference } = environment
  const provenance = provenanceOf({
    parameters: builtParameters(inputs.options),
    key,
    origin,
    base: namedBase(environment),
    environment:
      location.kind === 'registry' ? { reference, digest: location.image.digest } : undefined,
    files: await decidingFiles(inputs, services)
  })
  return { ...plainRecord(environment, origin, image), provenance }
}

/** The requirement files, the lock file and the Dockerfile of a build. */
async function decidingFiles(
  { requirements, options }: BuildInputs,
  { cwd }: Services
): Promise<readonly HashedFile[]> {
  const { texts, exported } = requirements
  const { dockerfile } = options
  const paths = [
    ...(exported === undefined ? [] : [exported.file, ...(exported.read ?? [])]),
    ...(dockerfile === undefined ? [] : [dockerfile])
  ]
  const others = await mapFiles([...new Set(paths)], async path => ({
    path,
    sha256: await sha256File(resolve(cwd, path))
  }))
  return [...[...texts].map(([path, text]) => ({ path, sha256: sha256(text) })), ...others]
}
