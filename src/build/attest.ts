import { FlowstoreError } from '../errors.js'
import { attachDocuments, type AttachedDocuments } from '../image/attestations/attach.js'
import { provenanceStatement } from '../image/attestations/provenance.js'
import { sbomOf, type FlowFile } from '../image/attestations/sbom.js'
import { flowPath } from '../image/describe.js'
import type { BuildDescription } from '../image/labels.js'
import { inOrder } from '../image/tag-move.js'
import type { Log } from '../log.js'
import type { Options } from '../options/options.js'
import { PROVENANCE_FILE, SBOM_FILE } from '../paths.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { DockerStorage } from '../storage/docker.js'
import type { StoredBuild } from './store/stored-build.js'

/** The texts of the documents about an image; null for none. */
interface Attestations {
  readonly sbom: string | null
  readonly provenance: string | null
}

/** A stored build with the documents about its image. */
export interface AttestedBuild extends StoredBuild {
  readonly attestations: Attestations
}

/**
 * Writes the SBOM and the provenance of a stored image, from what the build recorded that made it; with the option
 * `attach`, they are attached to it before its tags move.
 *
 * @throws FlowstoreError REGISTRY if they can't be attached; then the tags are put back
 */
export async function attest(
  stored: StoredBuild,
  options: Options,
  log: Log
): Promise<AttestedBuild> {
  const { image, built, storage } = stored
  if (image === null || built.record === null || !(storage instanceof DockerStorage)) {
    return { ...stored, attestations: { sbom: null, provenance: null } }
  }
  const sbom = options.sbom
    ? textOf(sbomOf(contentsOf(stored, storage, built.record, image)))
    : null
  const { provenance: predicate } = built.record
  const isNamed = options.provenance && predicate !== null && image.digest !== null
  const provenance = isNamed
    ? textOf(provenanceStatement(predicate, image.repository, image.digest))
    : null
  const attestations = { sbom, provenance }
  if (options.provenance && image.digest === null) {
    log.info('No provenance: the image was not pushed, and has no digest')
  }
  if (!options.attach) return { ...stored, attestations }
  const { attached, move } = await documentsFor(stored, attestations)
  return {
    ...stored,
    attestations,
    image: { ...image, attached },
    tagMove: inOrder(move, stored.tagMove)
  }
}

const textOf = (document: object): string => `${JSON.stringify(document, null, 2)}\n`

const contentsOf = (
  { built }: StoredBuild,
  storage: DockerStorage,
  { base, created, platforms, isExtended }: NonNullable<BuildDescription['record']>,
  { repository, tag, digest }: NonNullable<StoredBuild['image']>
) => ({
  ...{ name: repository, tag, digest, created, platforms, isExtended },
  base: { reference: base.reference, digest: base.digest ?? undefined },
  python: built.versions.python,
  flowFiles: flowFiles(storage, built.flows)
})

/** The files of flows in an image, each once. */
function flowFiles(storage: DockerStorage, flows: BuildDescription['flows']): readonly FlowFile[] {
  const files = new Map<string, { readonly sha256: string | null; readonly flows: string[] }>()
  for (const flow of flows) {
    const path = flowPath(storage, flow)
    const file = files.get(path) ?? { sha256: flow.sha256, flows: [] }
    file.flows.push(flow.name)
    files.set(path, file)
  }
  return [...files].map(([path, file]) => ({ path, ...file }))
}

/** The documents for the registry. */
async function documentsFor(
  { image, repository }: StoredBuild,
  { sbom, provenance }: Attestations
): Promise<AttachedDocuments> {
  const documents = [
    ...(sbom === null ? [] : [{ ...SBOM, content: sbom }]),
    ...(provenance === null ? [] : [{ ...PROVENANCE, content: provenance }])
  ]
  const name = image?.repository ?? ''
  const subject =
    repository &&
    (await reaching(name, repository.client.manifest(repository.path, image?.digest ?? '')))
  if (repository === undefined || subject === undefined) {
    throw notAttached(name, 'its registry can be reached only by the daemon')
  }
  const { attached, move } = attachDocuments(repository, subject, documents)
  return { attached, move: { ...move, move: () => reaching(name, move.move()) } }
}

const SBOM = { artifactType: 'application/vnd.cyclonedx+json', name: SBOM_FILE }
const PROVENANCE = { artifactType: 'application/vnd.in-toto+json', name: PROVENANCE_FILE }

/** Some work with the registry, which no daemon can do. */
async function reaching<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof RegistryUnusable ? notAttached(name, error.reason, error) : error
  }
}

const notAttached = (name: string, why: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('REGISTRY', `nothing can be attached to ${name}: ${why}`, {
    hint: 'Leave out attach: the files are in the output directory in any case.',
    cause
  })
