import { RegistryClient } from '../../src/registry/client.js'
import type { Image } from '../../src/image/oci/image.js'
import { readImage } from '../../src/image/oci/read.js'
import { digestOf, serveRegistry, type RegistryServer, type Rule } from './registry-server.js'

/** Media types of an OCI image. */
export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip'
}
/** Media types of an image of Docker's own form. */
export const DOCKER = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip'
}
export type Types = typeof OCI

/** The configuration of an image of one platform, with fields that this project does not know. */
export const imageConfig = (architecture: string): Record<string, unknown> => ({
  future: { deep: [1] },
  architecture,
  os: 'linux',
  created: '2020-01-01T00:00:00Z',
  config: { Env: ['A=1'], Labels: { kept: '1', over: 'old' }, Future: true },
  rootfs: { type: 'layers', diff_ids: [digestOf('base')] },
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'base' }]
})

/** Puts an image of one platform into the repository `a` of a registry; gives its manifest. */
export function putImage(
  registry: RegistryServer,
  types: Types,
  tag?: string,
  content: Record<string, unknown> = imageConfig('amd64'),
  more: Record<string, unknown> = {}
): { digest: string; size: number; body: string } {
  const blob = registry.putBlob(JSON.stringify(content))
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, ...blob, annotations: { 'of.config': 'x' }, data: 'e30=' },
    layers: [{ mediaType: types.layer, digest: digestOf('gz'), size: 2, urls: ['https://x'] }],
    annotations: { 'of.manifest': 'x' },
    ...more
  })
  return { digest: registry.put('a', types.manifest, body, tag), size: body.length, body }
}

/** Puts an image of two platforms with an attestation into the repository `a`; gives its digest. */
export function putIndex(registry: RegistryServer, types: Types, tag: string): string {
  const entry = (architecture: string, variant?: string) => {
    const { digest, size } = putImage(registry, types, undefined, imageConfig(architecture))
    const platform = {
      architecture,
      os: 'linux',
      ...(variant ? { variant } : {}),
      'os.features': ['x']
    }
    return {
      mediaType: types.manifest,
      digest,
      size,
      platform,
      annotations: { 'of.entry': architecture }
    }
  }
  const amd64 = entry('amd64')
  const attestation = {
    mediaType: types.manifest,
    digest: digestOf('attestation'),
    size: 1,
    annotations: {
      'vnd.docker.reference.digest': amd64.digest,
      'vnd.docker.reference.type': 'attestation-manifest'
    },
    platform: { architecture: 'unknown', os: 'unknown' }
  }
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [amd64, attestation, entry('arm64', 'v8')],
    annotations: { 'of.index': 'x' }
  })
  return registry.put('a', types.index, body, tag)
}

/** A registry and a client of it that makes no pause between its attempts. */
export async function registryWithClient(...rules: readonly Rule[]) {
  const registry = await serveRegistry(...rules)
  const sleep = () => Promise.resolve()
  return { registry, client: new RegistryClient(registry.host, undefined, { sleep }) }
}

/** An image of the repository `a`, which must exist. */
export async function read(client: RegistryClient, reference: string): Promise<Image> {
  const image = await readImage(client, 'a', reference)
  if (image === undefined) throw new Error(`no image ${reference}`)
  return image
}

/** The manifest under `a:TAG` or `a@DIGEST`. */
export const manifestAt = (registry: RegistryServer, name: string): Record<string, unknown> =>
  JSON.parse(registry.manifests.get(name)?.body ?? '') as Record<string, unknown>

/** The requests that write, without the repository and the query. */
export const writes = (registry: RegistryServer): string[] =>
  registry.log
    .filter(line => /^(POST|PUT|PATCH|DELETE) /.test(line))
    .map(line => line.replace(/\?.* /, ' ').replaceAll(/ \/v2\/a\//g, ' '))
