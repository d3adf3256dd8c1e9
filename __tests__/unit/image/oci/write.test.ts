import { expect, test } from '@jest/globals'
import { tagManifest } from '../../../../src/image/oci/write.js'
import {
  manifestAt,
  OCI,
  putImage,
  read,
  registryWithClient,
  writes
} from '../../../helpers/images.js'
import { when } from '../../../helpers/registry-server.js'

test('no additional tag is set if the first is refused', async () => {
  const { registry, client } = await registryWithClient(
    when('PUT /v2/a/manifests/1', { status: 403 })
  )
  putImage(registry, OCI, 'env')
  const { manifest } = await read(client, 'env')
  await expect(tagManifest(client, 'a', manifest, ['1', '2', '3'])).rejects.toMatchObject({
    code: 'PUSH_REFUSED'
  })
  expect(writes(registry)).toEqual(['PUT manifests/1 403'])
})

test('a manifest is put under every tag', async () => {
  const { registry, client } = await registryWithClient()
  putImage(registry, OCI, 'env')
  const { manifest } = await read(client, 'env')
  await tagManifest(client, 'a', manifest, ['2', '3'])
  expect(manifestAt(registry, 'a:3')).toEqual(JSON.parse(manifest.body))
  expect(writes(registry)).toHaveLength(2)
})

test('nothing is written without a tag', async () => {
  const { registry, client } = await registryWithClient()
  putImage(registry, OCI, 'env')
  const { manifest } = await read(client, 'env')
  await tagManifest(client, 'a', manifest, [])
  expect(writes(registry)).toEqual([])
})
