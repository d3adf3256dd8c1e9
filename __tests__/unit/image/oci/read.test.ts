import { expect, test } from '@jest/globals'
import { readImage, readNamed } from '../../../../src/image/oci/read.js'
import { OCI, putImage, putIndex, registryWithClient } from '../../../helpers/images.js'
import { digestOf, when, type RegistryServer } from '../../../helpers/registry-server.js'

/** Puts a document under the tag `env`. */
const put =
  (mediaType: string, content: unknown) =>
  (registry: RegistryServer): void => {
    registry.put('a', mediaType, JSON.stringify(content), 'env')
  }

test('a missing image is undefined', async () => {
  const { client } = await registryWithClient()
  expect(await readImage(client, 'a', 'env')).toBeUndefined()
})

test.each<[string, (registry: RegistryServer) => void, RegExp]>([
  [
    'a manifest of schema 1',
    put('application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1 }),
    /v1\+prettyjws/
  ],
  [
    'an artifact',
    put(OCI.manifest, {
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
      layers: []
    }),
    /not an image but application\/vnd\.oci\.empty/
  ],
  [
    'a manifest without layers',
    put(OCI.manifest, { schemaVersion: 2 }),
    /the manifest sha256:\w+ has an unknown form/
  ],
  ['an empty index', put(OCI.index, { schemaVersion: 2, manifests: [] }), /has no image/],
  [
    'an index that names a missing manifest',
    put(OCI.index, {
      manifests: [{ mediaType: OCI.manifest, digest: digestOf('lost'), size: 1 }]
    }),
    /lacks sha256:/
  ],
  [
    'an index in an index',
    registry => {
      const digest = registry.put('a', OCI.index, '{"manifests":[]}')
      put(OCI.index, { manifests: [{ mediaType: OCI.index, digest, size: 16 }] })(registry)
    },
    /the unknown media type application\/vnd\.oci\.image\.index/
  ],
  [
    'a manifest that is not JSON',
    registry => registry.put('a', OCI.manifest, 'no JSON', 'env'),
    /is not JSON/
  ],
  [
    'a configuration without rootfs',
    registry => putImage(registry, OCI, 'env', { os: 'linux' }),
    /the configuration sha256:\w+ has an unknown form/
  ]
])('%s can’t be read as an image, and the error has the reason', async (_what, fill, reason) => {
  const { registry, client } = await registryWithClient()
  fill(registry)
  await expect(readImage(client, 'a', 'env')).rejects.toMatchObject({
    name: 'RegistryUnusable',
    reason: expect.stringMatching(reason)
  })
})

test('a configuration that is not what its digest says is an error', async () => {
  const { registry, client } = await registryWithClient(
    when('GET /v2/a/blobs/', { status: 200, body: '{}' })
  )
  putImage(registry, OCI, 'env')
  await expect(readImage(client, 'a', 'env')).rejects.toMatchObject({ code: 'REGISTRY' })
})

/** An image of four layers, of which the registry has all but the second. */
const layered = (registry: RegistryServer): string[] => {
  const layers = ['1', '2', '3', '4'].map(content => registry.putBlob(content))
  registry.blobs.delete(digestOf('2'))
  putImage(registry, OCI, 'env', undefined, {
    layers: layers.map(layer => ({ mediaType: OCI.layer, ...layer }))
  })
  return layers.map(({ digest }) => digest)
}

test('the registry is asked for as many layers as are wanted, from the top', async () => {
  const { registry, client } = await registryWithClient()
  const [, second, third, fourth] = layered(registry)
  const asked = () =>
    registry.log
      .splice(0)
      .filter(line => line.startsWith('HEAD'))
      .map(line => line.replace('HEAD /v2/a/blobs/', ''))
      .sort()
  await readNamed(client, 'a', 'env')
  expect(asked()).toEqual([])
  await readNamed(client, 'a', 'env', 2)
  expect(asked()).toEqual([`${third} 200`, `${fourth} 200`].sort())
  await expect(readNamed(client, 'a', 'env', 3)).rejects.toMatchObject({
    name: 'BadContent',
    message: `${registry.host}/a lacks the layer ${second}`
  })
})

test('an index that lacks the image of another platform is incomplete, if layers are asked for', async () => {
  const { registry, client } = await registryWithClient()
  putIndex(registry, OCI, 'env')
  const own = await readNamed(client, 'a', 'env')
  for (const [name, { body }] of registry.manifests) {
    const isOther = name.startsWith('a@sha256') && !body.includes(own?.own.manifest.body ?? '')
    if (isOther && body !== own?.manifest.body) registry.manifests.delete(name)
  }
  expect(await readNamed(client, 'a', 'env')).toEqual(own)
  registry.putBlob('gz')
  await expect(readNamed(client, 'a', 'env', 1)).rejects.toMatchObject({
    name: 'RegistryUnusable',
    reason: expect.stringMatching(/^the repository lacks sha256:\w+ of the index sha256:/)
  })
})
