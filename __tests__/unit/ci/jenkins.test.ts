import { expect, test } from '@jest/globals'
import { commitNames } from '../../../src/ci/index.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('Jenkins names the commit in the variables of a multibranch pipeline', () => {
  expect(commitNames({ GIT_COMMIT: sha, BRANCH_NAME: 'PR-3', CHANGE_ID: '3' })).toMatchObject({
    sha,
    pr: '3'
  })
  expect(commitNames({ BRANCH_NAME: 'PR-3', CHANGE_BRANCH: 'topic' }).branch).toBe('topic')
  expect(commitNames({ TAG_NAME: 'v1.0' }).version).toBe('1.0')
})
