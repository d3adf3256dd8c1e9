import { expect, test } from '@jest/globals'
import {
  aboutLabel,
  imageLabels,
  KEY_LABEL,
  readAbout,
  readImageLabels,
  type BuiltFlows,
  type EnvironmentAbout
} from '../../../src/image/labels.js'

const about: EnvironmentAbout = {
  key: 'k',
  base: 'python:3.9',
  python: '3.9.18',
  prefect: '1.4.1',
  machine: 'x86_64',
  packages: { prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM python:3.9\n',
  late: []
}
const built: BuiltFlows = {
  flows: [
    { name: '🚀', module: 'a.py', line: 3, location: '/opt/prefect/flows/.prefect', size: 9 }
  ],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  dockerfile: 'FROM x\n',
  flowsJson: '{"flows": [], "version": 1}\n'
}

test('an environment is believed only under the key that it says', () => {
  const labels = { ...aboutLabel(about), [KEY_LABEL]: 'k' }
  expect(readAbout(labels, 'k')).toEqual(about)
  expect(readAbout(labels, 'other')).toBeUndefined()
  expect(readAbout({ ...labels, [KEY_LABEL]: 'other' }, 'k')).toBeUndefined()
  expect(readAbout({ [KEY_LABEL]: 'k' }, 'k')).toBeUndefined()
  expect(readAbout({ ...labels, 'io.flowstore.environment': '{"key":"k"}' }, 'k')).toBeUndefined()
})

test('an image gives back what its build gave back, and nothing where its labels are not whole', () => {
  const labels = imageLabels('k', { type: 'Docker' }, built)
  expect(readImageLabels(labels, 'k')).toEqual({ storage: { type: 'Docker' }, built })
  expect(readImageLabels(labels, 'other')).toBeUndefined()
  for (const broken of [{ 'io.flowstore.storage': '{' }, { 'io.flowstore.build': 'x' }]) {
    expect(readImageLabels({ ...labels, ...broken }, 'k')).toBeUndefined()
  }
})
