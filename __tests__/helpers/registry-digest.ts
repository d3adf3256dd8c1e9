/** Types of a manifest: of one image, or of several platforms. */
const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json'
].join(', ')

/** The digest that a tag names in a registry without a login; null if the registry does not have it. */
export async function digestOfTag(
  registry: string,
  repository: string,
  tag: string
): Promise<string | null> {
  const address = `http://${registry}/v2/${repository}/manifests/${tag}`
  const answer = await fetch(address, { method: 'HEAD', headers: { accept: MANIFESTS } })
  return answer.ok ? answer.headers.get('docker-content-digest') : null
}
