import { expect, test } from '@jest/globals'
import { revealedSettings } from '../../../../src/build/load/revealed-settings.js'
import type { RawOptions } from '../../../../src/options/options.js'
import { inputsOf, loadedFlow } from '../../../helpers/stages.js'

const revealedBy = (
  options: Readonly<Record<string, unknown>>,
  raw: RawOptions = {},
  variables: Readonly<Record<string, string>> = { API_KEY: 's3cr"et' }
) =>
  revealedSettings({ ...inputsOf(raw), loadVariables: variables }, [
    loadedFlow('one', { storage: { type: 'Docker', options } })
  ])

test.each([
  ['env_vars', { KEY: 's3cr"et' }],
  ['env_vars', { URL: 'https://user:s3cr"et@host' }],
  ['build_kwargs', { buildargs: { KEY: 's3cr"et' } }],
  ['extra_dockerfile_commands', ['ENV KEY=s3cr"et']],
  ['python_dependencies', ['--extra-index-url https://s3cr"et@host/simple']]
])('a value of load-env-vars in %s of a storage is an error: %j', (name, value) => {
  expect(revealedBy({ [name]: value })).toMatchObject([
    {
      code: 'STORAGE_INVALID',
      message: `flow "one": its storage writes the value of API_KEY of load-env-vars into the image and the Dockerfile (${name})`,
      file: 'a.py',
      hint: expect.stringContaining('give it with env-vars instead of load-env-vars')
    }
  ])
})

test.each([
  ['another value', { env_vars: { KEY: 'other value' } }, {}, undefined],
  ['the name of a registry', { registry_url: 's3cr"et' }, {}, undefined],
  ['a short value', { env_vars: { KEY: 'short' } }, {}, { API_KEY: 'short' }],
  ['a value of env-vars', { env_vars: { KEY: 's3cr"et' } }, { 'env-vars': 'K=s3cr"et' }, undefined],
  [
    'storage without an image',
    { env_vars: { K: 's3cr"et' } },
    { storage: 'bytes', 'registry-url': '', 'image-name': '' },
    undefined
  ]
])('no error: %s', (_, options, raw, variables) => {
  expect(revealedBy(options, raw as RawOptions, variables)).toEqual([])
})
