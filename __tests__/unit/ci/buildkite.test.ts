import { expect, test } from '@jest/globals'
import { buildkite } from '../../../src/ci/buildkite.js'

const env = {
  BUILDKITE_COMMIT: 'abc',
  BUILDKITE_PULL_REQUEST: 'false',
  BUILDKITE_PULL_REQUEST_BASE_BRANCH: '',
  BUILDKITE_PIPELINE_DEFAULT_BRANCH: 'main',
  BUILDKITE_TAG: ''
}

test('Buildkite names the branch and the default branch', async () => {
  expect(await buildkite.commit({ ...env, BUILDKITE_BRANCH: 'topic' })).toEqual({
    branch: 'topic',
    sha: 'abc',
    defaultBranch: 'main'
  })
})

test('the name of a tag is not also a branch of Buildkite', async () => {
  expect(await buildkite.commit({ ...env, BUILDKITE_BRANCH: 'v1', BUILDKITE_TAG: 'v1' })).toEqual({
    tag: 'v1',
    sha: 'abc',
    defaultBranch: 'main'
  })
})

test('the branch of a pull request on Buildkite is its source, without the owner of a fork', async () => {
  expect(
    await buildkite.commit({
      BUILDKITE_BRANCH: 'ada:topic',
      BUILDKITE_PULL_REQUEST: '8',
      BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'main'
    })
  ).toEqual({ branch: 'topic', pullRequest: { number: '8', target: 'main' } })
})

test('a build of Buildkite that was started for HEAD has no hash', async () => {
  expect((await buildkite.commit({ BUILDKITE_COMMIT: 'HEAD' })).sha).toBeUndefined()
})
