import { expect, test } from '@jest/globals'
import { imageLabels, readImageLabels } from '../../../src/image/labels.js'
import { flowsJson } from '../../../src/storage/flows-json.js'
import { DockerStorage } from '../../../src/storage/docker.js'

const versions = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

/** A storage of some flows, and what a build of it gives back. */
function built(count: number) {
  const storage = new DockerStorage({ registryUrl: 'example.com', imageName: 'a', imageTag: '1' })
  for (let number = 0; number < count; number += 1) {
    storage.addFlow({
      ...{
        name: `flow ${number}`,
        slug: `flow-${number}`,
        module: 'a.py',
        line: 1,
        parameters: []
      },
      ...{ bytes: Buffer.from('pickle'), versions, serialized: { name: `"flow ${number} $& $1"` } }
    })
  }
  const document = flowsJson(storage) ?? null
  return {
    storage: storage.serialize(),
    built: { flows: [], versions, dockerfile: 'FROM a', flowsJson: document }
  }
}

test('labels say again what a build gave back', () => {
  const { storage, built: given } = built(3)
  const labels = imageLabels('key', storage, given)
  expect(readImageLabels(labels, 'key')).toEqual({ storage, built: given })
  expect(readImageLabels(labels, 'another key')).toBeUndefined()
  const without = { ...given, flowsJson: null }
  expect(readImageLabels(imageLabels('key', storage, without), 'key')?.built).toEqual(without)
})

test('labels of many flows do not repeat the storage for each', () => {
  const { storage, built: given } = built(1000)
  expect(given.flowsJson?.length).toBeGreaterThan(50_000_000)
  const size = JSON.stringify(imageLabels('key', storage, given)).length
  expect(size).toBeLessThan(200_000)
})
