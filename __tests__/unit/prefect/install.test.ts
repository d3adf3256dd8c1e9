import { expect, test } from '@jest/globals'
import {
  defaultBaseImage,
  knownPythons,
  pipUpgrade,
  flowFolders,
  prefectRequirements
} from '../../../src/prefect/install.js'

test('a release is installed from PyPI with its pins, and a git ref from the repository', () => {
  expect(prefectRequirements('1.4.1')).toEqual(['prefect==1.4.1', 'urllib3<2', 'marshmallow<4'])
  expect(prefectRequirements('0.6.7')).toEqual(['prefect==0.6.7', 'dask[bag]<2021', 'urllib3<2'])
  expect(prefectRequirements('0.13.0')).toEqual(['prefect==0.13.0', 'urllib3<2'])
  expect(prefectRequirements('master')[0]).toContain('@master#egg=prefect')
})

test('a release has known Pythons, and a git ref has none', () => {
  expect(knownPythons('0.5.4')).toEqual(['3.6', '3.7', '3.8'])
  expect(knownPythons('master')).toBeUndefined()
  expect(() => knownPythons('2.0.0')).toThrow('0.5.4 to 1.4.1')
})

test('flows of a release are in its folders of an image; those of a git ref may be in any', () => {
  const request = {
    project: 'shop',
    workingDirectory: 'team',
    importRoots: [],
    prefectDirectory: undefined,
    path: undefined
  }
  expect(flowFolders('0.9.8', request)).toEqual(['/opt/flowstore', '/root/.prefect'])
  expect(flowFolders('1.4.1', request)).toEqual(['/opt/flowstore', '/opt/prefect'])
  expect(flowFolders('3.9.1', request)).toEqual(['/opt/prefect/shop', '/opt/prefect/shop/team'])
  expect(flowFolders('main', request)).toEqual([
    '/opt/flowstore',
    '/root/.prefect',
    '/opt/prefect',
    '/opt/prefect/shop',
    '/opt/prefect/shop/team'
  ])
})

test.each<[Parameters<typeof defaultBaseImage>, string]>([
  [['0.6.7'], 'python:3.6'],
  [['0.6.7', '3.7'], 'python:3.7'],
  [['1.4.1'], 'prefecthq/prefect:1.4.1-python3.9'],
  [['1.4.1', '3.10'], 'prefecthq/prefect:1.4.1-python3.10'],
  [['master'], 'python:3.9-slim'],
  [['master', '3.8', '0.9.8'], 'python:3.8-slim'],
  [['master', undefined, '0.6.7'], 'python:3.6']
])('the default base image of %j is %s', ([version, python, release], image) => {
  expect(defaultBaseImage(version, python, release)).toBe(image)
})

test('only the old pip of Python 3.6 and 3.7 is replaced', () => {
  expect(pipUpgrade('3.6.15', '18.1')).toBe('pip==21.3.1')
  expect(pipUpgrade('3.7.17', '20.1')).toBeUndefined()
  expect(pipUpgrade('3.8.18', '19.3')).toBeUndefined()
})
