import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { gzipLayerFile, layerBlob } from '../../../../src/image/oci/layer-file.js'
import { digestOf } from '../../../../src/registry/digest.js'
import { packTar, tarOf } from '../../../../src/util/tar.js'
import { repository } from '../../../helpers/flowstore.js'

const ENTRIES = [
  { path: 'a', folder: true },
  { path: 'a/large', content: Buffer.alloc(3 << 20, 'text ') }
] as const

test('a layer on disk has the digests of its file and of its archive', async () => {
  const path = join(repository({}), 'layer.tar.gz')
  const tar = await tarOf(ENTRIES)
  const file = await gzipLayerFile(packTar(ENTRIES), path)
  const content = readFileSync(path)
  expect(file).toEqual({
    path,
    digest: digestOf(content),
    diffId: digestOf(tar),
    size: content.length
  })
  expect(gunzipSync(content).equals(tar)).toBe(true)
})

test('the same archive gives the same bytes, however it is read', async () => {
  const tar = await tarOf(ENTRIES)
  const partsOf = function* (size: number) {
    for (let at = 0; at < tar.length; at += size) yield tar.subarray(at, at + size)
  }
  const digests = await Promise.all(
    [tar.length, 1000, 1 << 20, 70_001].map(async size => {
      const path = join(repository({}), 'layer.tar.gz')
      return (await gzipLayerFile(Readable.from(partsOf(size)), path)).digest
    })
  )
  expect(new Set(digests).size).toBe(1)
})

test('the blob of a layer can be opened again for another attempt', async () => {
  const path = join(repository({}), 'layer.tar.gz')
  const { content } = layerBlob(await gzipLayerFile(packTar(ENTRIES), path))
  for (const attempt of [1, 2]) {
    const parts = (await content.open().toArray()) as Buffer[]
    expect([attempt, Buffer.concat(parts).length]).toEqual([attempt, content.size])
  }
})
