import { expect, test } from '@jest/globals'
import { woodpecker } from '../../../src/ci/woodpecker.js'

const env = {
  CI: 'woodpecker',
  CI_COMMIT_SHA: 'abc',
  CI_REPO_DEFAULT_BRANCH: 'main',
  CI_REPO_NAME: 'flows'
}

test('Woodpecker names branch, default branch and repository', async () => {
  expect(await woodpecker.commit({ ...env, CI_COMMIT_BRANCH: 'topic' })).toEqual({
    branch: 'topic',
    sha: 'abc',
    defaultBranch: 'main'
  })
  expect(woodpecker.repository(env)).toBe('flows')
})

test('the branch of a pull request on Woodpecker is its source, not CI_COMMIT_BRANCH', async () => {
  const names = await woodpecker.commit({
    ...env,
    CI_COMMIT_BRANCH: 'main',
    CI_COMMIT_SOURCE_BRANCH: 'topic',
    CI_COMMIT_TARGET_BRANCH: 'main',
    CI_COMMIT_PULL_REQUEST: '6'
  })
  expect(names).toMatchObject({ branch: 'topic', pullRequest: { number: '6', target: 'main' } })
})

test.each([
  ['true', true],
  ['', false]
])('a release of Woodpecker with CI_COMMIT_PRERELEASE "%s"', async (prerelease, expected) => {
  const release = {
    ...env,
    CI_PIPELINE_EVENT: 'release',
    CI_COMMIT_TAG: 'v2',
    CI_COMMIT_PRERELEASE: prerelease
  }
  expect(await woodpecker.commit(release)).toMatchObject({ tag: 'v2', isPrerelease: expected })
})

test('the variables of GitLab are not those of Woodpecker', async () => {
  expect(await woodpecker.commit({ CI: 'true', CI_COMMIT_SHA: 'abc' })).toEqual({})
})
