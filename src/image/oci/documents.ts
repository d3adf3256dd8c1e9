import * as z from '../../util/schema.js'
import type { StoredManifest } from '../../registry/client.js'
import { digestOf } from '../../registry/digest.js'
import { DOCKER, OCI } from '../../registry/media-types.js'
import { RegistryUnusable } from '../../registry/unusable.js'

// The schemas describe only the fields that are used; all other fields of the documents are kept.
const annotationsSchema = z.record(z.string(), z.string()).nullish()
const descriptorSchema = z.looseObject({
  mediaType: z.string(),
  digest: z.string(),
  size: z.number(),
  annotations: annotationsSchema,
  platform: z
    .looseObject({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
    .optional()
})
const manifestSchema = z.looseObject({
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
  annotations: annotationsSchema
})
const indexSchema = z.looseObject({
  manifests: z.array(descriptorSchema),
  annotations: annotationsSchema
})
const configSchema = z.looseObject({
  rootfs: z.looseObject({ diff_ids: z.array(z.string()) }),
  history: z.array(z.looseObject({})).nullish(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish()
})

/** A reference from one document to another (OCI image 1.1, "OCI Content Descriptors"). */
export type Descriptor = z.infer<typeof descriptorSchema>
/** An image's configuration (OCI image 1.1, "OCI Image Configuration"). */
export type ImageConfig = z.infer<typeof configSchema>
/** The platform of an image. */
export type Platform = NonNullable<Descriptor['platform']>

/** The media types of OCI or of Docker. */
export type Family = typeof OCI | typeof DOCKER

/** The family of a media type for a part of an image. */
export const familyOf = (part: 'index' | 'manifest' | 'config', type: string): Family | undefined =>
  [OCI, DOCKER].find(family => family[part] === type)

/** Checks a document, and returns it with all its keys in their order. */
function parse<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RegistryUnusable(`${what} is not JSON`)
  }
  const checked = schema.safeParse(value)
  if (!checked.success) throw new RegistryUnusable(`${what} has an unknown form`)
  return value as T
}

/** Reads the manifest of one image. */
export const parseManifest = ({ body, digest }: StoredManifest) =>
  parse(manifestSchema, body, `the manifest ${digest}`)
/** Reads an index, or a manifest list. */
export const parseIndex = ({ body, digest }: StoredManifest) =>
  parse(indexSchema, body, `the index ${digest}`)

/**
 * Whether an entry of an index is BuildKit's attestation of another entry (BuildKit, "Image attestation
 * storage"). A new layer on that image makes the attestation invalid.
 */
const isAttestation = ({ annotations, platform }: Descriptor): boolean =>
  Object.keys(annotations ?? {}).some(name => name.startsWith('vnd.docker.reference.')) ||
  (platform?.os === 'unknown' && platform.architecture === 'unknown')

/** The entries of an index that are images. */
export const imageEntries = (index: StoredManifest): readonly Descriptor[] =>
  parseIndex(index).manifests.filter(entry => !isAttestation(entry))

/** Reads the configuration that a manifest names by its digest. */
export const parseConfig = (content: Buffer, digest: string): ImageConfig =>
  parse(configSchema, content.toString('utf8'), `the configuration ${digest}`)

/** The old descriptor with new content; embedded content is removed. */
export function descriptorOf(old: Descriptor, content: Buffer | string): Descriptor {
  const descriptor: Descriptor = {
    ...old,
    digest: digestOf(content),
    size: Buffer.byteLength(content)
  }
  delete descriptor['data']
  return descriptor
}
