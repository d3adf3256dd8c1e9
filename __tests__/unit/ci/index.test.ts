import { expect, test } from '@jest/globals'
import { commitNames } from '../../../src/ci/index.js'

test('a commit has no names outside CI', () => {
  expect(commitNames({ HOME: '/root' })).toEqual({})
})

test('the names of two services are not mixed', () => {
  expect(commitNames({ GITHUB_REF: 'refs/tags/v1', BRANCH_NAME: 'other' })).toMatchObject({
    version: '1',
    branch: undefined
  })
})
