import { expect, test } from '@jest/globals'
import { travis } from '../../../src/ci/travis.js'

const env = {
  TRAVIS_COMMIT: 'abc',
  TRAVIS_PULL_REQUEST: 'false',
  TRAVIS_TAG: '',
  TRAVIS_REPO_SLUG: 'acme/flows'
}

test('Travis names branch and repository', async () => {
  expect(await travis.commit({ ...env, TRAVIS_BRANCH: 'main' })).toEqual({
    branch: 'main',
    sha: 'abc'
  })
  expect(travis.repository(env)).toBe('flows')
})

test('the name of a tag is not also a branch of Travis', async () => {
  expect(await travis.commit({ ...env, TRAVIS_BRANCH: 'v1', TRAVIS_TAG: 'v1' })).toEqual({
    tag: 'v1',
    sha: 'abc'
  })
})

test('the branch of a pull request on Travis is its source, not TRAVIS_BRANCH', async () => {
  expect(
    await travis.commit({
      TRAVIS_BRANCH: 'main',
      TRAVIS_PULL_REQUEST: '3',
      TRAVIS_PULL_REQUEST_BRANCH: 'topic'
    })
  ).toEqual({ branch: 'topic', pullRequest: { number: '3', target: 'main' } })
})
