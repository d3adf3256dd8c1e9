import { expect, test } from '@jest/globals'
import { gitlab } from '../../../src/ci/gitlab.js'
import { repositoryName } from '../../../src/ci/index.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('GitLab names the commit in CI_COMMIT_ variables, and the default branch', async () => {
  const env = { CI_COMMIT_SHA: sha, CI_DEFAULT_BRANCH: 'main' }
  expect(await gitlab.commit({ ...env, CI_COMMIT_BRANCH: 'topic' })).toEqual({
    branch: 'topic',
    sha,
    defaultBranch: 'main'
  })
  expect(await gitlab.commit({ ...env, CI_COMMIT_TAG: 'v2' })).toEqual({
    tag: 'v2',
    sha,
    defaultBranch: 'main'
  })
})

test.each(['CI_MERGE_REQUEST', 'CI_EXTERNAL_PULL_REQUEST'])(
  'GitLab names the source and the target of a request in %s_ variables',
  async prefix => {
    const env = {
      [`${prefix}_IID`]: '4',
      [`${prefix}_SOURCE_BRANCH_NAME`]: 'topic',
      [`${prefix}_TARGET_BRANCH_NAME`]: 'main'
    }
    expect(await gitlab.commit(env)).toEqual({
      branch: 'topic',
      pullRequest: { number: '4', target: 'main' }
    })
  }
)

test('GitLab leaves the name of the image to the working directory', () => {
  expect(repositoryName({ CI_PROJECT_NAME: 'flows' })).toBeUndefined()
})
