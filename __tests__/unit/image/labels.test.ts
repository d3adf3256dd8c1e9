import { expect, test } from '@jest/globals'
import { imageLabels, readImageLabels, type BuiltFlows } from '../../../src/image/labels.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { flowsTemplate } from '../../../src/storage/flows-json.js'

const built: BuiltFlows = {
  flows: [
    { name: '🚀', module: 'a.py', line: 3, location: '/opt/prefect/flows/.prefect', size: 9 }
  ],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM x\n',
  flowsTemplate: '{"flows": [], "version": 1}\n'
}

test('an image gives back what its build gave back, and nothing where its labels are not whole', () => {
  const labels = imageLabels('k', { type: 'Docker' }, built)
  expect(readImageLabels(labels, 'k')).toEqual({ storage: { type: 'Docker' }, built })
  expect(readImageLabels(labels, 'other')).toBeUndefined()
  for (const name of ['storage', 'build', 'flows'].map(last => `io.flowstore.${last}`)) {
    const { [name]: whole, ...others } = labels
    expect(whole).toBeDefined()
    expect(readImageLabels(others, 'k')).toBeUndefined()
    expect(readImageLabels({ ...others, [name]: '{' }, 'k')).toBeUndefined()
  }
})

const versions = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

/** A storage of some flows, and what a build of it gives back. */
function manyFlows(count: number) {
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
  const document = flowsTemplate(storage) ?? null
  return {
    storage: storage.serialize(),
    built: { flows: [], versions, dockerfile: 'FROM a', flowsTemplate: document }
  }
}

test('labels say again what a build gave back', () => {
  const { storage, built: given } = manyFlows(3)
  const labels = imageLabels('key', storage, given)
  expect(readImageLabels(labels, 'key')).toEqual({ storage, built: given })
  expect(readImageLabels(labels, 'another key')).toBeUndefined()
  const without = { ...given, flowsTemplate: null }
  expect(readImageLabels(imageLabels('key', storage, without), 'key')?.built).toEqual(without)
})

test('labels of many flows do not repeat the storage for each', () => {
  const { storage, built: given } = manyFlows(1000)
  const size = JSON.stringify(imageLabels('key', storage, given)).length
  expect(size).toBeLessThan(200_000)
})
