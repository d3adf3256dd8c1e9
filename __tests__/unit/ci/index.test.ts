import { expect, test } from '@jest/globals'
import { commitNames } from '../../../src/ci/index.js'

test('outside CI a commit has no names', () => {
  expect(commitNames({ HOME: '/root' })).toEqual({})
})

test('one service says everything: names of two services are not mixed', () => {
  expect(commitNames({ GITHUB_REF: 'refs/tags/v1', BRANCH_NAME: 'other' })).toMatchObject({
    version: '1',
    branch: undefined
  })
})
