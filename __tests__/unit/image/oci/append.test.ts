import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { RegistryClient } from '../../../../src/registry/client.js'
import type { Image } from '../../../../src/image/oci/image.js'
import { readImage } from '../../../../src/image/oci/read.js'
import { tagManifest } from '../../../../src/image/oci/write.js'
import { appendLayer } from '../../../helpers/append-layer.js'
import {
  digestOf,
  serveRegistry,
  when,
  type RegistryServer,
  type Rule
} from '../../../helpers/registry-server.js'

const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip'
}
const DOCKER = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip'
}
type Types = typeof OCI

const created = new Date('2024-05-06T07:08:09Z')
const layer = { tar: Buffer.from('an archive'), createdBy: 'COPY flows' }

const config = (architecture: string): Record<string, unknown> => ({
  future: { deep: [1] },
  architecture,
  os: 'linux',
  created: '2020-01-01T00:00:00Z',
  config: { Env: ['A=1'], Labels: { kept: '1', over: 'old' }, Future: true },
  rootfs: { type: 'layers', diff_ids: [digestOf('base')] },
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'base' }]
})

/** Puts an image of one platform into the registry; gives its manifest. */
function putImage(
  registry: RegistryServer,
  types: Types,
  tag?: string,
  content: Record<string, unknown> = config('amd64'),
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

/** Puts an image of two platforms with an attestation into the registry. */
function putIndex(registry: RegistryServer, types: Types, tag: string): string {
  const entry = (architecture: string, variant?: string) => {
    const { digest, size } = putImage(registry, types, undefined, config(architecture))
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

async function room(...rules: readonly Rule[]) {
  const registry = await serveRegistry(...rules)
  const sleep = () => Promise.resolve()
  return { registry, client: new RegistryClient(registry.host, undefined, { sleep }) }
}

async function read(client: RegistryClient, reference: string): Promise<Image> {
  const image = await readImage(client, 'a', reference)
  if (image === undefined) throw new Error(`no image ${reference}`)
  return image
}

const parsed = (registry: RegistryServer, name: string): Record<string, unknown> =>
  JSON.parse(registry.manifests.get(name)?.body ?? '') as Record<string, unknown>

const writes = (registry: RegistryServer): string[] =>
  registry.log
    .filter(line => /^(POST|PUT|PATCH|DELETE) /.test(line))
    .map(line => line.replace(/\?.* /, ' ').replaceAll(/ \/v2\/a\//g, ' '))

test.each([
  ['OCI', OCI],
  ['Docker', DOCKER]
])(
  'a layer is put on an image of the kind of %s, which else stays as it is',
  async (_name, types) => {
    const { registry, client } = await room()
    const old = putImage(registry, types, 'env')
    const image = await read(client, 'env')
    expect(registry.log.map(line => line.split(' ')[0])).toEqual(['GET', 'GET'])
    expect(image).toMatchObject({
      digest: old.digest,
      mediaType: types.manifest,
      manifest: { body: old.body },
      platforms: [{ platform: undefined, config: config('amd64') }]
    })
    const labels = { over: 'new', added: '2' }
    const digest = await appendLayer(
      client,
      'a',
      image,
      { ...layer, comment: 'why' },
      labels,
      ['1', 'latest'],
      { created }
    )
    expect(writes(registry).slice(-2)).toEqual(['PUT manifests/1 201', 'PUT manifests/latest 201'])
    expect(writes(registry).slice(0, -2).sort()).toEqual([
      'POST blobs/uploads/ 202',
      'POST blobs/uploads/ 202',
      'PUT blobs/uploads/1 201',
      'PUT blobs/uploads/1 201'
    ])
    for (const tag of ['1', 'latest']) {
      expect(digestOf(registry.manifests.get(`a:${tag}`)?.body ?? '')).toBe(digest)
    }
    expect(registry.manifests.get('a:1')?.mediaType).toBe(types.manifest)

    const manifest = parsed(registry, 'a:1') as unknown as {
      config: { digest: string; size: number }
      layers: { digest: string; size: number }[]
    }
    const before = JSON.parse(old.body) as { layers: unknown[] } & Record<string, unknown>
    const [, added] = manifest.layers
    expect(manifest).toEqual({
      ...before,
      config: {
        mediaType: types.config,
        annotations: { 'of.config': 'x' },
        digest: manifest.config.digest,
        size: registry.blobs.get(manifest.config.digest)?.length
      },
      layers: [
        ...before.layers,
        { mediaType: types.layer, digest: added?.digest, size: added?.size }
      ]
    })
    expect(Object.keys(manifest)).toEqual(Object.keys(before))

    const content = registry.blobs.get(added?.digest ?? '') ?? Buffer.alloc(0)
    expect(content.length).toBe(added?.size)
    expect(gunzipSync(content)).toEqual(layer.tar)
    // RFC 1952: no flags, no time, no name of a system.
    expect([...content.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

    const written = JSON.parse(
      registry.blobs.get(manifest.config.digest)?.toString() ?? ''
    ) as Record<string, unknown>
    expect(written).toEqual({
      ...config('amd64'),
      created: created.toISOString(),
      config: { Env: ['A=1'], Labels: { kept: '1', over: 'new', added: '2' }, Future: true },
      rootfs: { type: 'layers', diff_ids: [digestOf('base'), digestOf(layer.tar)] },
      history: [
        { created: '2020-01-01T00:00:00Z', created_by: 'base' },
        { created: created.toISOString(), created_by: 'COPY flows', comment: 'why' }
      ]
    })
    expect(Object.keys(written)).toEqual(Object.keys(config('amd64')))
  }
)

test('the same layer on the same image is the same image, and nothing is uploaded again', async () => {
  const { registry, client } = await room()
  putImage(registry, OCI, 'env')
  const put = async (tag: string) =>
    appendLayer(client, 'a', await read(client, 'env'), layer, {}, [tag], { created })
  const digest = await put('1')
  const before = registry.log.length
  expect(await put('2')).toBe(digest)
  expect(registry.log.slice(before).map(line => line.replace(/ .* /, ' '))).toEqual([
    'GET 200',
    'GET 200',
    'HEAD 200',
    'HEAD 200',
    'PUT 201'
  ])
})

test('an image without labels, history or settings gets them', async () => {
  const { registry, client } = await room()
  const rootfs = { type: 'layers', diff_ids: [] }
  for (const [tag, content] of [
    ['none', { rootfs }],
    ['null', { rootfs, history: null, config: null }],
    ['null-labels', { rootfs, config: { Labels: null } }]
  ] as const) {
    putImage(registry, DOCKER, tag, content)
    await appendLayer(client, 'a', await read(client, tag), layer, { l: '1' }, ['new'], { created })
    const { config: descriptor } = parsed(registry, 'a:new') as { config?: { digest: string } }
    expect(JSON.parse(registry.blobs.get(descriptor?.digest ?? '')?.toString() ?? '')).toEqual({
      rootfs: { type: 'layers', diff_ids: [digestOf(layer.tar)] },
      created: created.toISOString(),
      config: { Labels: { l: '1' } },
      history: [{ created: created.toISOString(), created_by: 'COPY flows' }]
    })
  }
})

test.each([
  ['OCI', OCI],
  ['Docker', DOCKER]
])(
  'an index of %s gets the layer on every platform, and loses its attestations',
  async (_name, types) => {
    const { registry, client } = await room()
    const old = putIndex(registry, types, 'env')
    const image = await read(client, 'env')
    expect(image).toMatchObject({ digest: old, mediaType: types.index })
    expect(
      image.platforms.map(({ platform, config: { architecture } }) => [platform, architecture])
    ).toEqual([
      [{ architecture: 'amd64', os: 'linux', 'os.features': ['x'] }, 'amd64'],
      [{ architecture: 'arm64', os: 'linux', variant: 'v8', 'os.features': ['x'] }, 'arm64']
    ])
    const digest = await appendLayer(client, 'a', image, layer, { l: '1' }, ['1', '2'], { created })
    const index = parsed(registry, 'a:1') as unknown as {
      manifests: { digest: string; size: number }[]
    }
    expect(digestOf(registry.manifests.get('a:2')?.body ?? '')).toBe(digest)
    expect(registry.manifests.get('a:1')?.mediaType).toBe(types.index)
    const before = parsed(registry, `a@${old}`) as unknown as {
      manifests: Record<string, unknown>[]
    }
    const [amd64, , arm64] = before.manifests
    expect(index).toEqual({
      ...before,
      manifests: [
        { ...amd64, digest: index.manifests[0]?.digest, size: index.manifests[0]?.size },
        { ...arm64, digest: index.manifests[1]?.digest, size: index.manifests[1]?.size }
      ]
    })
    const added = index.manifests.map(entry => {
      const { body = '' } = registry.manifests.get(`a@${entry.digest}`) ?? {}
      expect(body).toHaveLength(entry.size)
      return (JSON.parse(body) as { layers: { digest: string }[] }).layers[1]?.digest
    })
    expect(new Set(added).size).toBe(1)
    // Blobs, then the platforms by digest, then the index by its tags.
    const order = writes(registry).map(line => line.replace(/sha256:\w+/, 'DIGEST'))
    expect(order.slice(-4)).toEqual([
      'PUT manifests/DIGEST 201',
      'PUT manifests/DIGEST 201',
      'PUT manifests/1 201',
      'PUT manifests/2 201'
    ])
    expect(order.slice(0, -4).every(line => line.includes(' blobs/uploads/'))).toBe(true)
    expect(order).toHaveLength(3 * 2 + 4)
  }
)

test('an image without a tag is there by its digest', async () => {
  const { registry, client } = await room()
  putImage(registry, OCI, 'env')
  const digest = await appendLayer(client, 'a', await read(client, 'env'), layer, {}, [], {
    created
  })
  expect(writes(registry).at(-1)).toBe(`PUT manifests/${digest} 201`)
})

test('nothing is tagged where a blob was not taken', async () => {
  for (const rule of [
    when('POST ', { status: 403 }),
    when('PUT /v2/a/blobs/', { status: 500 }),
    when('PUT /v2/a/blobs/', { status: 413 }),
    // One of the two alone.
    when('PUT /v2/a/blobs/', { status: 507 }, 1),
    when(
      'PUT /v2/a/blobs/',
      { status: 201, headers: { 'docker-content-digest': digestOf('?') } },
      1
    )
  ]) {
    const { registry, client } = await room(rule)
    putImage(registry, OCI, 'env')
    const image = await read(client, 'env')
    await expect(appendLayer(client, 'a', image, layer, {}, ['1'], { created })).rejects.toThrow(
      registry.host
    )
    expect(registry.log.filter(line => line.startsWith('PUT /v2/a/manifests'))).toEqual([])
  }
})

test('nothing is tagged where the manifest of a platform was not taken', async () => {
  const { registry, client } = await room(when('PUT /v2/a/manifests/sha256:', { status: 400 }, 1))
  putIndex(registry, OCI, 'env')
  const image = await read(client, 'env')
  await expect(
    appendLayer(client, 'a', image, layer, {}, ['1'], { created })
  ).rejects.toMatchObject({ code: 'PUSH_REFUSED' })
  expect(registry.manifests.has('a:1')).toBe(false)
})

test('no further tag is begun before the first is there', async () => {
  const { registry, client } = await room(when('PUT /v2/a/manifests/1', { status: 403 }))
  putImage(registry, OCI, 'env')
  const { manifest } = await read(client, 'env')
  await expect(tagManifest(client, 'a', manifest, ['1', '2', '3'])).rejects.toMatchObject({
    code: 'PUSH_REFUSED'
  })
  expect(writes(registry)).toEqual(['PUT manifests/1 403'])
  await tagManifest(client, 'a', manifest, ['2', '3'])
  expect(parsed(registry, 'a:3')).toEqual(JSON.parse(manifest.body))
  await tagManifest(client, 'a', manifest, [])
  expect(writes(registry)).toHaveLength(3)
})

test('an image that is not there is none', async () => {
  const { client } = await room()
  expect(await readImage(client, 'a', 'env')).toBeUndefined()
})

test('what is no image of a known kind is left to others', async () => {
  const { registry, client } = await room()
  const put = (tag: string, type: string, content: unknown) =>
    registry.put('a', type, JSON.stringify(content), tag)
  put('schema1', 'application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1 })
  put('artifact', OCI.manifest, {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
    layers: []
  })
  put('no-layers', OCI.manifest, { schemaVersion: 2 })
  put('empty-index', OCI.index, { schemaVersion: 2, manifests: [] })
  put('lost', OCI.index, {
    manifests: [{ mediaType: OCI.manifest, digest: digestOf('lost'), size: 1 }]
  })
  const nested = registry.put('a', OCI.index, '{"manifests":[]}')
  put('nested', OCI.index, { manifests: [{ mediaType: OCI.index, digest: nested, size: 16 }] })
  registry.put('a', OCI.manifest, 'no JSON', 'text')
  putImage(registry, OCI, 'no-rootfs', { os: 'linux' })
  for (const [tag, reason] of [
    ['schema1', /v1\+prettyjws/],
    ['artifact', /no image but application\/vnd\.oci\.empty/],
    ['no-layers', /the manifest sha256:\w+ is not of the known form/],
    ['empty-index', /has no image/],
    ['lost', /lacks sha256:/],
    ['nested', /of the kind application\/vnd\.oci\.image\.index/],
    ['text', /is no JSON/],
    ['no-rootfs', /the configuration sha256:\w+ is not of the known form/]
  ] as const) {
    await expect(readImage(client, 'a', tag)).rejects.toMatchObject({
      name: 'RegistryUnusable',
      reason: expect.stringMatching(reason)
    })
  }
})

test('a configuration that is not what its digest says is an error', async () => {
  const { registry, client } = await room(when('GET /v2/a/blobs/', { status: 200, body: '{}' }))
  putImage(registry, OCI, 'env')
  await expect(readImage(client, 'a', 'env')).rejects.toMatchObject({ code: 'REGISTRY' })
})
