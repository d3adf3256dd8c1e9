import { digestOf } from '../../registry/digest.js'
import type { StoredManifest } from '../../registry/client.js'
import { OCI } from '../../registry/media-types.js'
import { parseIndex, type Descriptor } from '../oci/documents.js'
import type { ImageRepository } from '../repository.js'
import { NO_TAGS, registryTags, type TagMove } from '../tag-move.js'

/** A document about an image, for a registry. */
export interface Attachment {
  /** Media type of the document; registries list it by this type. */
  readonly artifactType: string
  /** Name of a file for it. */
  readonly name: string
  readonly content: string
}

/** A document as a registry stores it: a manifest that names the image as its subject, and its blobs. */
interface Artifact {
  readonly artifactType: string
  readonly manifest: StoredManifest
  readonly blobs: readonly Buffer[]
}

/** The configuration of an artifact that has none (OCI image 1.1, "Guidance for an Empty Descriptor"). */
const EMPTY = Buffer.from('{}')

const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json'

const blobDescriptor = (mediaType: string, content: Buffer) => ({
  mediaType,
  digest: digestOf(content),
  size: content.length
})

/** The artifact of a document (OCI image 1.1, "Guidelines for Artifact Usage"). The same document gives the same digest. */
function artifactOf(
  { artifactType, name, content }: Attachment,
  subject: StoredManifest
): Artifact {
  const document = Buffer.from(content)
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    artifactType,
    config: blobDescriptor(EMPTY_TYPE, EMPTY),
    layers: [
      {
        ...blobDescriptor(artifactType, document),
        annotations: { 'org.opencontainers.image.title': name }
      }
    ],
    subject: blobDescriptor(subject.mediaType, Buffer.from(subject.body))
  })
  return {
    artifactType,
    manifest: { digest: digestOf(body), mediaType: OCI.manifest, body },
    blobs: [EMPTY, document]
  }
}

/** What is attached to an image. */
export interface Attached {
  readonly artifactType: string
  /** Digest of the artifact's manifest. */
  readonly digest: string
}

/** Documents that are attached before the tags of an image move. */
export interface AttachedDocuments {
  readonly attached: readonly Attached[]
  /** Attaches them. Only a registry without a list of referrers gets a tag for that, which is put back after a failure. */
  readonly move: TagMove
}

/**
 * Attaches documents to an image, where `oras discover` and scanners find them (OCI distribution 1.1, "Listing
 * Referrers"). One that is there already costs no upload.
 *
 * @param subject the manifest or the index of the image
 */
export function attachDocuments(
  repository: ImageRepository,
  subject: StoredManifest,
  documents: readonly Attachment[]
): AttachedDocuments {
  const artifacts = documents.map(document => artifactOf(document, subject))
  let work: Promise<TagMove> | undefined
  let fallback = NO_TAGS
  return {
    attached: artifacts.map(({ artifactType, manifest: { digest } }) => ({ artifactType, digest })),
    move: {
      move: async () => {
        work ??= attach(repository, subject, artifacts)
        fallback = await work
        await fallback.move()
      },
      putBack: () => fallback.putBack()
    }
  }
}

/** Stores the artifacts, and makes the tag of a registry without a list of referrers. */
async function attach(
  repository: ImageRepository,
  subject: StoredManifest,
  artifacts: readonly Artifact[]
): Promise<TagMove> {
  const { client, path } = repository
  const listed = await client.referrers(path, subject.digest)
  const tag = subject.digest.replace(':', '-')
  const before = listed === undefined ? await client.manifest(path, tag) : undefined
  const entries = listed ?? (before === undefined ? [] : parseIndex(before).manifests)
  const digests = new Set(entries.map(({ digest }) => digest))
  const missing = artifacts.filter(({ manifest }) => !digests.has(manifest.digest))
  for (const { manifest, blobs } of missing) {
    for (const blob of blobs) await client.putBlob(path, blob)
    await client.putManifest(path, manifest.digest, manifest.mediaType, manifest.body)
  }
  if (listed !== undefined || missing.length === 0) return NO_TAGS
  return registryTags({
    repository,
    manifest: indexWith(before, missing),
    tags: [tag],
    before: new Map([[tag, before?.digest]])
  })
}

/** The index under the tag of a subject, with further artifacts ("Referrers Tag Schema"). */
function indexWith(
  before: StoredManifest | undefined,
  artifacts: readonly Artifact[]
): StoredManifest {
  const old = before === undefined ? undefined : parseIndex(before)
  const body = JSON.stringify({
    ...(old ?? { schemaVersion: 2, mediaType: OCI.index }),
    manifests: [
      ...(old?.manifests ?? []),
      ...artifacts.map(({ artifactType, manifest }): Descriptor => ({
        ...blobDescriptor(manifest.mediaType, Buffer.from(manifest.body)),
        artifactType
      }))
    ]
  })
  return { digest: digestOf(body), mediaType: OCI.index, body }
}
