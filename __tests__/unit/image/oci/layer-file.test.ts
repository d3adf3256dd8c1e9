import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { gzipLayer } from '../../../../src/image/oci/compressed-layer.js'
import { gzipLayerFile, layerBlob } from '../../../../src/image/oci/layer-file.js'
import { packTar, tarOf } from '../../../../src/util/tar.js'
import { repository } from '../../../helpers/flowstore.js'

const ENTRIES = [
  { path: 'a', folder: true },
  { path: 'a/large', content: Buffer.alloc(3 << 20, 'text ') }
] as const

test('a layer on disk has the digests of the same layer in memory', async () => {
  const path = join(repository({}), 'layer.tar.gz')
  const file = await gzipLayerFile(packTar(ENTRIES), path)
  const { digest, diffId, size, content } = gzipLayer(await tarOf(ENTRIES))
  expect(file).toEqual({ path, digest, diffId, size })
  expect(readFileSync(path).equals(content)).toBe(true)
})

test('the blob of a layer can be opened again for another attempt', async () => {
  const path = join(repository({}), 'layer.tar.gz')
  const { content } = layerBlob(await gzipLayerFile(packTar(ENTRIES), path))
  for (const attempt of [1, 2]) {
    const parts = (await content.open().toArray()) as Buffer[]
    expect([attempt, Buffer.concat(parts).length]).toEqual([attempt, content.size])
  }
})
