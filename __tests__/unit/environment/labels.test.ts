import { expect, test } from '@jest/globals'
import {
  environmentLabels,
  readEnvironmentLabels,
  type EnvironmentFacts
} from '../../../src/environment/labels.js'
import { KEY_LABEL } from '../../../src/image/labels.js'

const about: EnvironmentFacts = {
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

test('an environment is believed only under the key that it says', () => {
  const labels = environmentLabels(about)
  expect(readEnvironmentLabels(labels, 'k')).toEqual(about)
  expect(readEnvironmentLabels(labels, 'other')).toBeUndefined()
  expect(readEnvironmentLabels({ ...labels, [KEY_LABEL]: 'other' }, 'k')).toBeUndefined()
  expect(readEnvironmentLabels({ [KEY_LABEL]: 'k' }, 'k')).toBeUndefined()
  expect(
    readEnvironmentLabels({ ...labels, 'io.flowstore.environment': '{"key":"k"}' }, 'k')
  ).toBeUndefined()
})
