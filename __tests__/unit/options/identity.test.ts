import { expect, test } from '@jest/globals'
import {
  builtParameters,
  flowKeyOptions,
  overModules,
  reasonForImage,
  sameEnvironment
} from '../../../src/options/identity.js'
import { checkOptions, type RawOptions } from '../../../src/options/options.js'

const options = (raw: RawOptions = {}) =>
  checkOptions({ flows: 'a.py', push: 'false', ...raw }, '/')

test('options that win over modules are listed by name, except those with their default value', () => {
  expect(overModules(options({ storage: 'docker', 'base-image': 'a', push: 'false' }))).toEqual([
    'base-image',
    'storage'
  ])
  expect(overModules(options({ 'local-image': 'false' }))).toEqual([])
})

test('the parameters of a build are what was set of all that decides what is built, without secrets', () => {
  const parameters = builtParameters(
    options({
      'registry-url': 'ghcr.io/acme',
      'python-dependencies': 'pandas\ngit+https://me:token@git.example/lib.git',
      'build-kwargs': '{"buildargs": {"TOKEN": "secret"}, "target": "base"}',
      'env-vars': 'TEAM=data',
      'load-env-vars': 'API_KEY=secret',
      'output-directory': 'out',
      labels: 'team=data',
      tags: 'latest'
    })
  )
  expect(parameters).toEqual({
    flows: ['a.py'],
    'registry-url': 'ghcr.io/acme',
    'python-dependencies': ['pandas', 'git+https://git.example/lib.git'],
    'build-kwargs': { target: 'base', buildargs: ['TOKEN'] },
    'env-vars': { TEAM: 'data' }
  })
})

test('labels and annotations are in no key', () => {
  const before = options()
  const after = options({ labels: 'a=b', annotations: 'a=b', attach: 'false', sbom: 'false' })
  expect(flowKeyOptions(after)).toEqual(flowKeyOptions(before))
  expect(sameEnvironment(before, after)).toBe(true)
})

test('a script in another folder needs another environment image', () => {
  const before = options()
  expect(sameEnvironment(before, { ...before, path: '/srv/flows/orders.py' })).toBe(false)
  const tagged = { ...before, imageTag: 'next' }
  expect(sameEnvironment(before, tagged)).toBe(true)
})

test('the key of an image has only the options that decide about the flows', () => {
  const key = flowKeyOptions(
    options({
      'build-kwargs': '{"labels": {"team": "data"}, "network_mode": "host"}',
      'base-image': 'python:3.9',
      'image-tag': 'next',
      'working-directory': 'teams/a',
      'python-path': 'b\na',
      tags: 'latest'
    })
  )
  expect(key).toEqual({
    values: {
      storageConflict: 'merge',
      buildKwargs: { team: 'data' },
      storedAsScript: false,
      pythonPath: ['b', 'a'],
      loadIn: 'image',
      healthcheck: true
    },
    overModules: ['base-image', 'build-kwargs']
  })
})

test('the interpreter is part of the key only if it loads the flows', () => {
  expect(flowKeyOptions(options({ python: '3.9' })).values).not.toHaveProperty('python')
  expect(flowKeyOptions(options({ python: '3.9', 'load-in': 'runner' })).values).toMatchObject({
    python: '3.9'
  })
})

test('flows are loaded in the image if its environment has more than packages', () => {
  expect(reasonForImage(options())).toBeUndefined()
  expect(reasonForImage(options({ 'extra-dockerfile-commands': 'RUN true' }))).toBe(
    'extra commands run in the image'
  )
})
