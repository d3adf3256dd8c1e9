import { expect, test } from '@jest/globals'
import { commitNames, repositoryName } from '../../../src/ci/index.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('GitLab names the commit in CI_COMMIT_ and CI_MERGE_REQUEST_ variables', () => {
  expect(
    commitNames({ CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: 'main', CI_COMMIT_TAG: 'v2' })
  ).toEqual({ branch: 'main', sha, pr: undefined, version: '2' })
  expect(commitNames({ CI_MERGE_REQUEST_IID: '4' }).pr).toBe('4')
  expect(commitNames({ CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic' }).branch).toBe('topic')
})

test('GitLab leaves the name of the image to the working directory', () => {
  expect(repositoryName({ CI_PROJECT_NAME: 'flows' })).toBeUndefined()
})
