import { expect, test } from '@jest/globals'
import {
  environmentLabels,
  readEnvironmentLabels,
  type EnvironmentFacts
} from '../../../src/environment/environment-labels.js'
import { KEY_LABEL } from '../../../src/image/labels.js'

const facts: EnvironmentFacts = {
  key: 'k',
  base: 'python:3.9',
  python: '3.9.18',
  prefect: '1.4.1',
  machine: 'x86_64',
  packages: { prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM python:3.9\n',
  late: [],
  folders: { '/opt/flowstore': [{ path: '/opt', mode: 0o755, uid: 0, gid: 0 }] }
}

const labels = environmentLabels(facts)

test('the labels of an environment image are read back', () => {
  expect(readEnvironmentLabels(labels, 'k')).toEqual(facts)
})

test('labels are not read under another key', () => {
  expect(readEnvironmentLabels(labels, 'other')).toBeUndefined()
})

test.each([
  ['that name another key', { ...labels, [KEY_LABEL]: 'other' }],
  ['without the facts', { [KEY_LABEL]: 'k' }],
  ['whose facts are not complete', { ...labels, 'io.flowstore.environment': '{"key":"k"}' }]
])('labels %s are not read', (_what, invalid) => {
  expect(readEnvironmentLabels(invalid, 'k')).toBeUndefined()
})
