import { expect, test } from '@jest/globals'
import { imageLabels, readImageLabels, type BuildDescription } from '../../../src/image/labels.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { flowsTemplate } from '../../../src/storage/flows-json.js'

const built: BuildDescription = {
  flows: [
    {
      name: '🚀',
      module: 'a.py',
      line: 3,
      location: '/opt/prefect/flows/.prefect',
      size: 9,
      sha256: 'ab12',
      key: 'k1'
    }
  ],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM x\n',
  flowsTemplate: '{"flows": [], "version": 1}\n',
  failed: [],
  unaddressable: [],
  checkedIn: 'image',
  checkedOn: null,
  record: null,
  deployments: null
}

const labels = imageLabels('k', { type: 'Docker' }, built)

test('the labels of an image give back the result of its build', () => {
  expect(readImageLabels(labels, 'k')).toEqual({ storage: { type: 'Docker' }, built })
})

test('labels are not read under another key', () => {
  expect(readImageLabels(labels, 'other')).toBeUndefined()
})

test.each(['io.flowstore.storage', 'io.flowstore.build', 'io.flowstore.flows'])(
  'labels are not read if %s is missing or damaged',
  name => {
    const { [name]: whole, ...others } = labels
    expect(whole).toBeDefined()
    expect(readImageLabels(others, 'k')).toBeUndefined()
    expect(readImageLabels({ ...others, [name]: '{' }, 'k')).toBeUndefined()
  }
)

const versions = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

/** A storage with flows, and the result of its build. */
function manyFlows(count: number) {
  const storage = new DockerStorage({ registryUrl: 'example.com', imageName: 'a', imageTag: '1' })
  for (let number = 0; number < count; number += 1) {
    storage.addFlow({
      name: `flow ${number}`,
      slug: `flow-${number}`,
      module: 'a.py',
      line: 1,
      parameters: [],
      bytes: Buffer.from('pickle'),
      versions,
      serialized: { name: `"flow ${number} $& $1"` }
    })
  }
  const document = flowsTemplate(storage) ?? null
  return {
    storage: storage.serialize(),
    built: {
      flows: [],
      versions,
      dockerfile: 'FROM a',
      flowsTemplate: document,
      failed: [],
      unaddressable: [],
      checkedIn: null,
      checkedOn: null,
      record: null,
      deployments: null
    }
  }
}

test('the labels of a storage with flows give back its flows.json', () => {
  const { storage, built: result } = manyFlows(3)
  const ofFlows = imageLabels('key', storage, result)
  expect(readImageLabels(ofFlows, 'key')).toEqual({ storage, built: result })
  expect(readImageLabels(ofFlows, 'another key')).toBeUndefined()
})

test('the labels of a build without flows.json give no flows.json back', () => {
  const { storage, built: result } = manyFlows(3)
  const without = { ...result, flowsTemplate: null }
  expect(readImageLabels(imageLabels('key', storage, without), 'key')?.built).toEqual(without)
})

test('labels do not repeat the storage for each flow', () => {
  const { storage, built: result } = manyFlows(1000)
  const size = JSON.stringify(imageLabels('key', storage, result)).length
  expect(size).toBeLessThan(200_000)
})
