import { expect, test } from '@jest/globals'
import { jenkins } from '../../../src/ci/jenkins.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('Jenkins names the commit in the variables of a multibranch pipeline', async () => {
  expect(await jenkins.commit({ GIT_COMMIT: sha, BRANCH_NAME: 'main' })).toEqual({
    sha,
    branch: 'main'
  })
  expect(
    await jenkins.commit({
      BRANCH_NAME: 'PR-3',
      CHANGE_ID: '3',
      CHANGE_BRANCH: 'topic',
      CHANGE_TARGET: 'main'
    })
  ).toEqual({ branch: 'topic', pullRequest: { number: '3', target: 'main' } })
})

test('the name of a tag is not also a branch of Jenkins', async () => {
  expect(await jenkins.commit({ TAG_NAME: 'v1.0', BRANCH_NAME: 'v1.0' })).toEqual({ tag: 'v1.0' })
})

test('without a multibranch pipeline, the git plugin of Jenkins names the branch', async () => {
  expect((await jenkins.commit({ GIT_BRANCH: 'origin/main' })).branch).toBe('main')
})

test.each([
  ['GitHub', { ghprbPullId: '3', ghprbSourceBranch: 'topic', ghprbTargetBranch: 'main' }],
  [
    'GitLab',
    { gitlabMergeRequestIid: '3', gitlabSourceBranch: 'topic', gitlabTargetBranch: 'main' }
  ]
])('the plugin of Jenkins for %s names a request', async (_name, env) => {
  expect(await jenkins.commit({ GIT_BRANCH: 'origin/pr/3/merge', ...env })).toEqual({
    branch: 'topic',
    pullRequest: { number: '3', target: 'main' }
  })
})
