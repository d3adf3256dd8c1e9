import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'

await describeWithPrefect('1.4.1', 'a first build', python => {
  test('gives a storage of all flows of a folder, without a Docker daemon', async () => {
    const { root, flowstore } = field({ 'flows/a.py': oneFlow('a'), 'flows/b.py': oneFlow('b') })
    const ended = await flowstore(['build', 'flows', '--storage', 'bytes', '--python', python])
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('2 flows')])
    const text = readFileSync(join(root, '.flowstore/storage.json'), 'utf8')
    const storage = JSON.parse(text) as { readonly flows: object }
    expect(Object.keys(storage.flows)).toEqual(['a', 'b'])
  }, 60_000)
})
