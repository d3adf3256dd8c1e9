import { expect, test } from '@jest/globals'
import { bitbucket } from '../../../src/ci/bitbucket.js'

const env = { BITBUCKET_COMMIT: 'abc', BITBUCKET_REPO_SLUG: 'flows' }

test('Bitbucket names branch, tag and repository', async () => {
  expect(await bitbucket.commit({ ...env, BITBUCKET_BRANCH: 'main' })).toEqual({
    branch: 'main',
    sha: 'abc'
  })
  expect(await bitbucket.commit({ ...env, BITBUCKET_TAG: 'v1' })).toEqual({ tag: 'v1', sha: 'abc' })
  expect(bitbucket.repository(env)).toBe('flows')
})

test('the branch of a pull request on Bitbucket is its source', async () => {
  expect(
    await bitbucket.commit({
      BITBUCKET_BRANCH: 'topic',
      BITBUCKET_PR_ID: '5',
      BITBUCKET_PR_DESTINATION_BRANCH: 'main'
    })
  ).toEqual({ branch: 'topic', pullRequest: { number: '5', target: 'main' } })
})
