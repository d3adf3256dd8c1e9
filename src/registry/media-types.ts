/** The two families of media types: OCI image 1.1 ("OCI Image Media Types") and Docker schema 2. */
export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip'
} as const

export const DOCKER = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip'
} as const

/** The types that a request accepts. Without them, registries convert manifests to the old schema 1. */
export const MANIFEST_TYPES = [OCI.index, OCI.manifest, DOCKER.index, DOCKER.manifest] as const
