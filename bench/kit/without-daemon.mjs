// What builds of an environment image without a daemon need: uv, and a base image of two platforms.
import { createHash } from 'node:crypto'
import { delimiter, dirname } from 'node:path'
import { uvEnvironment } from '../../scripts/test-bed/pip.mjs'
import { NOWHERE } from './bench.mjs'

/**
 * The environment of such a build: an interpreter of the base's Python, uv, its index, no daemon.
 *
 * @param minor of the base image's Python
 * @param cache folder of flowstore's caches
 */
export const withoutDaemon = async ({ bed, withPython }, minor, cache) => {
  if (!bed.uv) throw new Error('The test bed lacks uv; run `node scripts/test-bed.mjs up`.')
  const withUv = withPython(minor)
  const [pythons, ...others] = withUv.PATH.split(delimiter)
  const index = Object.entries(await uvEnvironment()).filter(([, value]) => value !== undefined)
  return {
    ...withUv,
    ...Object.fromEntries(index),
    PATH: [pythons, dirname(bed.uv), ...others].join(delimiter),
    DOCKER_HOST: NOWHERE,
    XDG_CACHE_HOME: cache
  }
}

/** The seconds of the phase in which the environment image is built. */
export const environmentSeconds = ({ phases }) =>
  phases.find(({ name }) => name === 'environment')?.seconds ?? NaN

const PLATFORMS = ['amd64', 'arm64']
const INDEX = 'application/vnd.oci.image.index.v1+json'

/**
 * Puts a base image of two platforms into the registry. Both have the layers of this machine's: a build for the other
 * platform only reads its files.
 *
 * @param image a base image in the registry of the test bed
 * @returns its reference, and its platforms
 */
export const baseOfTwoPlatforms = async ({ bed, id, registry }, image) => {
  const { url } = bed.registry
  const [from, version] = image.slice(url.length + 1).split(':')
  const name = `${id}-two-platforms-${version}`
  const ask = async (path, options) => {
    const answer = await fetch(new URL(path, `http://${url}/v2/`), options)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  const put = (reference, type, content) =>
    ask(`${name}/manifests/${reference}`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: content
    })
  const digestOf = content => `sha256:${createHash('sha256').update(content).digest('hex')}`
  const manifest = await registry.manifest(from, version)
  const mediaType = manifest.mediaType
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    await ask(`${name}/blobs/uploads/?mount=${digest}&from=${from}`, { method: 'POST' })
  }
  const config = await (await ask(`${from}/blobs/${manifest.config.digest}`)).json()
  const manifests = []
  for (const architecture of PLATFORMS) {
    const own = JSON.stringify({ ...config, architecture })
    const opened = await ask(`${name}/blobs/uploads/`, { method: 'POST' })
    const location = new URL(opened.headers.get('location'), `http://${url}`)
    location.searchParams.set('digest', digestOf(own))
    await ask(location.href, { method: 'PUT', body: own })
    const text = JSON.stringify({
      ...manifest,
      config: { ...manifest.config, digest: digestOf(own), size: own.length }
    })
    const digest = digestOf(text)
    await put(digest, mediaType, text)
    const platform = { os: 'linux', architecture }
    manifests.push({ mediaType, digest, size: text.length, platform })
  }
  await put('both', INDEX, JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }))
  return {
    base: `${url}/${name}:both`,
    platforms: PLATFORMS.map(architecture => `linux/${architecture}`)
  }
}
