import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { gzipLayer } from '../../../../src/image/oci/compressed-layer.js'
import { appendLayer } from '../../../helpers/append-layer.js'
import {
  DOCKER,
  imageConfig,
  manifestAt,
  OCI,
  putImage,
  putIndex,
  read,
  registryWithClient,
  writes
} from '../../../helpers/images.js'
import { digestOf, when } from '../../../helpers/registry-server.js'

const created = new Date('2024-05-06T07:08:09Z')
const TAR = Buffer.from('an archive')
const layer = { layer: await gzipLayer(TAR), createdBy: 'COPY flows' }

const KINDS = [
  { kind: 'OCI', types: OCI },
  { kind: 'Docker', types: DOCKER }
]

describe.each(KINDS)('a layer appended to an image of the kind $kind', ({ types }) => {
  /** Appends a layer and returns the image before and after. */
  async function appended() {
    const { registry, client } = await registryWithClient()
    const old = putImage(registry, types, 'env')
    const image = await read(client, 'env')
    const reads = registry.log.map(line => line.split(' ')[0])
    const digest = await appendLayer(
      client,
      'a',
      image,
      { ...layer, comment: 'why' },
      { over: 'new', added: '2' },
      ['1', 'latest'],
      { created }
    )
    const manifest = manifestAt(registry, 'a:1') as unknown as {
      config: { digest: string; size: number }
      layers: { digest: string; size: number }[]
    }
    const before = JSON.parse(old.body) as { layers: unknown[] } & Record<string, unknown>
    return { registry, old, image, reads, digest, manifest, before, added: manifest.layers[1] }
  }

  test('the image is read with two requests', async () => {
    const { old, image, reads } = await appended()
    expect(reads).toEqual(['GET', 'GET'])
    expect(image).toMatchObject({
      digest: old.digest,
      mediaType: types.manifest,
      manifest: { body: old.body },
      platforms: [{ platform: undefined, config: imageConfig('amd64') }]
    })
  })

  test('two blobs are uploaded, then the manifest, then each tag is put', async () => {
    const { registry, digest } = await appended()
    expect(writes(registry).slice(-2)).toEqual(['PUT manifests/1 201', 'PUT manifests/latest 201'])
    expect(writes(registry).slice(0, -2).sort()).toEqual([
      'POST blobs/uploads/ 202',
      'POST blobs/uploads/ 202',
      'PUT blobs/uploads/1 201',
      'PUT blobs/uploads/1 201',
      `PUT manifests/${digest} 201`
    ])
    for (const tag of ['1', 'latest']) {
      expect(digestOf(registry.manifests.get(`a:${tag}`)?.body ?? '')).toBe(digest)
    }
  })

  test('the manifest gets the layer and another configuration, and is otherwise unchanged', async () => {
    const { registry, manifest, before, added } = await appended()
    expect(registry.manifests.get('a:1')?.mediaType).toBe(types.manifest)
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
  })

  test('the layer is compressed, and its bytes depend on its content only', async () => {
    const { registry, added } = await appended()
    const content = registry.blobs.get(added?.digest ?? '') ?? Buffer.alloc(0)
    expect(content.length).toBe(added?.size)
    expect(gunzipSync(content)).toEqual(TAR)
    // RFC 1952: no flags, no time, an unknown system.
    expect([...content.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  })

  test('the configuration gets labels, layer and history, and keeps its other fields', async () => {
    const { registry, manifest } = await appended()
    const written = JSON.parse(
      registry.blobs.get(manifest.config.digest)?.toString() ?? ''
    ) as Record<string, unknown>
    expect(written).toEqual({
      ...imageConfig('amd64'),
      created: created.toISOString(),
      config: { Env: ['A=1'], Labels: { kept: '1', over: 'new', added: '2' }, Future: true },
      rootfs: { type: 'layers', diff_ids: [digestOf('base'), digestOf(TAR)] },
      history: [
        { created: '2020-01-01T00:00:00Z', created_by: 'base' },
        { created: created.toISOString(), created_by: 'COPY flows', comment: 'why' }
      ]
    })
    expect(Object.keys(written)).toEqual(Object.keys(imageConfig('amd64')))
  })
})

test('an image that is appended to again has the same digest, and nothing is uploaded twice', async () => {
  const { registry, client } = await registryWithClient()
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
    'PUT 201',
    'PUT 201'
  ])
})

const rootfs = { type: 'layers', diff_ids: [] }

test.each([
  ['without configuration and history', { rootfs }],
  ['whose configuration and history are null', { rootfs, history: null, config: null }],
  ['whose labels are null', { rootfs, config: { Labels: null } }]
])('an image %s gets labels and history', async (_what, content) => {
  const { registry, client } = await registryWithClient()
  putImage(registry, DOCKER, 'env', content)
  await appendLayer(client, 'a', await read(client, 'env'), layer, { l: '1' }, ['new'], { created })
  const { config: descriptor } = manifestAt(registry, 'a:new') as { config?: { digest: string } }
  expect(JSON.parse(registry.blobs.get(descriptor?.digest ?? '')?.toString() ?? '')).toEqual({
    rootfs: { type: 'layers', diff_ids: [digestOf(TAR)] },
    created: created.toISOString(),
    config: { Labels: { l: '1' } },
    history: [{ created: created.toISOString(), created_by: 'COPY flows' }]
  })
})

describe.each(KINDS)('a layer appended to an index of the kind $kind', ({ types }) => {
  /** Appends a layer and returns the index before and after. */
  async function appended() {
    const { registry, client } = await registryWithClient()
    const old = putIndex(registry, types, 'env')
    const image = await read(client, 'env')
    const digest = await appendLayer(client, 'a', image, layer, { l: '1' }, ['1', '2'], { created })
    const index = manifestAt(registry, 'a:1') as unknown as {
      manifests: { digest: string; size: number }[]
    }
    const before = manifestAt(registry, `a@${old}`) as unknown as {
      manifests: Record<string, unknown>[]
    }
    return { registry, old, image, digest, index, before }
  }

  test('the index is read with its platforms, and without attestations', async () => {
    const { image, old } = await appended()
    expect(image).toMatchObject({ digest: old, mediaType: types.index })
    expect(
      image.platforms.map(({ platform, config: { architecture } }) => [platform, architecture])
    ).toEqual([
      [{ architecture: 'amd64', os: 'linux', 'os.features': ['x'] }, 'amd64'],
      [{ architecture: 'arm64', os: 'linux', variant: 'v8', 'os.features': ['x'] }, 'arm64']
    ])
  })

  test('the index names the new images, and is otherwise unchanged', async () => {
    const { registry, digest, index, before } = await appended()
    const [amd64, , arm64] = before.manifests
    expect(digestOf(registry.manifests.get('a:2')?.body ?? '')).toBe(digest)
    expect(registry.manifests.get('a:1')?.mediaType).toBe(types.index)
    expect(index).toEqual({
      ...before,
      manifests: [
        { ...amd64, digest: index.manifests[0]?.digest, size: index.manifests[0]?.size },
        { ...arm64, digest: index.manifests[1]?.digest, size: index.manifests[1]?.size }
      ]
    })
  })

  test('every platform has the same layer', async () => {
    const { registry, index } = await appended()
    const added = index.manifests.map(entry => {
      const { body = '' } = registry.manifests.get(`a@${entry.digest}`) ?? {}
      expect(body).toHaveLength(entry.size)
      return (JSON.parse(body) as { layers: { digest: string }[] }).layers[1]?.digest
    })
    expect(new Set(added).size).toBe(1)
  })

  test('blobs are put first, then the platforms and the index by digest, then its tags', async () => {
    const { registry } = await appended()
    const order = writes(registry).map(line => line.replace(/sha256:\w+/, 'DIGEST'))
    expect(order.slice(-5)).toEqual([
      'PUT manifests/DIGEST 201',
      'PUT manifests/DIGEST 201',
      'PUT manifests/DIGEST 201',
      'PUT manifests/1 201',
      'PUT manifests/2 201'
    ])
    expect(order.slice(0, -5).every(line => line.includes(' blobs/uploads/'))).toBe(true)
    expect(order).toHaveLength(3 * 2 + 5)
  })
})

test('an image without a tag is put by its digest', async () => {
  const { registry, client } = await registryWithClient()
  putImage(registry, OCI, 'env')
  const digest = await appendLayer(client, 'a', await read(client, 'env'), layer, {}, [], {
    created
  })
  expect(writes(registry).at(-1)).toBe(`PUT manifests/${digest} 201`)
})

test.each([
  ['whose upload may not begin', when('POST ', { status: 403 })],
  ['that makes the registry fail', when('PUT /v2/a/blobs/', { status: 500 })],
  ['that is too large', when('PUT /v2/a/blobs/', { status: 413 })],
  ['that is refused while the other is taken', when('PUT /v2/a/blobs/', { status: 507 }, 1)],
  [
    'that got another digest',
    when(
      'PUT /v2/a/blobs/',
      { status: 201, headers: { 'docker-content-digest': digestOf('?') } },
      1
    )
  ]
])('nothing is tagged after a blob %s', async (_what, rule) => {
  const { registry, client } = await registryWithClient(rule)
  putImage(registry, OCI, 'env')
  const image = await read(client, 'env')
  await expect(appendLayer(client, 'a', image, layer, {}, ['1'], { created })).rejects.toThrow(
    registry.host
  )
  expect(registry.log.filter(line => line.startsWith('PUT /v2/a/manifests'))).toEqual([])
})

test('nothing is tagged if the manifest of a platform is refused', async () => {
  const { registry, client } = await registryWithClient(
    when('PUT /v2/a/manifests/sha256:', { status: 400 }, 1)
  )
  putIndex(registry, OCI, 'env')
  const image = await read(client, 'env')
  await expect(
    appendLayer(client, 'a', image, layer, {}, ['1'], { created })
  ).rejects.toMatchObject({ code: 'PUSH_REFUSED' })
  expect(registry.manifests.has('a:1')).toBe(false)
})
