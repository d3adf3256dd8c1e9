import { describe, expect, test } from '@jest/globals'
import { append } from '../../../../src/image/oci/append.js'
import { gzipLayer } from '../../../../src/image/oci/compressed-layer.js'
import { toOci } from '../../../../src/image/oci/to-oci.js'
import {
  DOCKER,
  OCI,
  putImage,
  putIndex,
  read,
  registryWithClient
} from '../../../helpers/images.js'

const LAYER = { layer: await gzipLayer(Buffer.from('an archive')), createdBy: 'COPY flows' }
const ANNOTATIONS = {
  manifest: { level: 'manifest', 'of.manifest': 'new' },
  index: { level: 'index' },
  descriptor: { level: 'descriptor' }
}

interface Document {
  readonly mediaType: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly config?: { readonly mediaType: string }
  readonly layers?: readonly { readonly mediaType: string }[]
  readonly manifests?: readonly Document[]
}

const parsed = ({ body }: { readonly body: string }): Document => JSON.parse(body) as Document

const annotate = (image: Awaited<ReturnType<typeof read>>) =>
  append(image, LAYER, { labels: {}, annotations: ANNOTATIONS })

describe('annotations', () => {
  test('those of a manifest are added to its own, and override them', async () => {
    const { registry, client } = await registryWithClient()
    putImage(registry, OCI, 'env')
    const { manifest } = annotate(await read(client, 'env'))
    expect(parsed(manifest).annotations).toEqual(ANNOTATIONS.manifest)
  })

  test('an index has those for it, on itself and on its entries', async () => {
    const { registry, client } = await registryWithClient()
    putIndex(registry, OCI, 'env')
    const image = annotate(await read(client, 'env'))
    const index = parsed(image.manifest)
    expect(index.annotations).toEqual({ 'of.index': 'x', level: 'index' })
    expect(index.manifests?.map(each => each.annotations)).toEqual([
      { 'of.entry': 'amd64', level: 'descriptor' },
      { 'of.entry': 'arm64', level: 'descriptor' }
    ])
    expect(image.platforms.map(each => parsed(each.manifest).annotations)).toEqual([
      ANNOTATIONS.manifest,
      ANNOTATIONS.manifest
    ])
  })

  test('Docker’s manifests and indexes get none', async () => {
    const { registry, client } = await registryWithClient()
    putIndex(registry, DOCKER, 'env')
    const image = annotate(await read(client, 'env'))
    const all = [image.manifest, ...image.platforms.map(each => each.manifest)].map(parsed)
    expect(all.map(({ annotations }) => annotations?.['level'])).toEqual([
      undefined,
      undefined,
      undefined
    ])
  })
})

describe('an image with the media types of OCI', () => {
  test('Docker’s image has the same configuration and layers', async () => {
    const { registry, client } = await registryWithClient()
    putImage(registry, DOCKER, 'env')
    const docker = await read(client, 'env')
    const image = toOci(docker)
    const { mediaType, config, layers } = parsed(image.manifest)
    expect([mediaType, config?.mediaType, layers?.[0]?.mediaType, image.mediaType]).toEqual([
      OCI.manifest,
      OCI.config,
      OCI.layer,
      OCI.manifest
    ])
    expect(image.own.config).toEqual(docker.own.config)
    expect(parsed(annotate(image).manifest).annotations).toMatchObject({ level: 'manifest' })
  })

  test('Docker’s index names the converted images', async () => {
    const { registry, client } = await registryWithClient()
    putIndex(registry, DOCKER, 'env')
    const image = annotate(toOci(await read(client, 'env')))
    expect(image.mediaType).toBe(OCI.index)
    const digests = image.platforms.map(each => each.manifest.digest)
    expect(parsed(image.manifest).manifests).toMatchObject(
      digests.map(digest => ({ digest, mediaType: OCI.manifest }))
    )
  })

  test('OCI’s image stays as it is', async () => {
    const { registry, client } = await registryWithClient()
    putImage(registry, OCI, 'env')
    const image = await read(client, 'env')
    expect(toOci(image).digest).toBe(image.digest)
  })
})

test('without a time of its own, an image has that of the image below', async () => {
  const { registry, client } = await registryWithClient()
  putImage(registry, OCI, 'env')
  const { config } = append(await read(client, 'env'), LAYER, { labels: {} }).own
  expect([config['created'], config.history?.at(-1)?.['created']]).toEqual([
    '2020-01-01T00:00:00Z',
    '2020-01-01T00:00:00Z'
  ])
})
