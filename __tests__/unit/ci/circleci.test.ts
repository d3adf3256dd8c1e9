import { expect, test } from '@jest/globals'
import { circleci } from '../../../src/ci/circleci.js'

const env = { CIRCLE_SHA1: 'abc', CIRCLE_PROJECT_REPONAME: 'flows' }

test('CircleCI names branch, tag and repository', async () => {
  expect(await circleci.commit({ ...env, CIRCLE_BRANCH: 'main' })).toEqual({
    branch: 'main',
    sha: 'abc'
  })
  expect(await circleci.commit({ ...env, CIRCLE_TAG: 'v1' })).toEqual({ tag: 'v1', sha: 'abc' })
  expect(circleci.repository(env)).toBe('flows')
})

test('CircleCI names a pull request by its URL, and one of a fork by its number', async () => {
  const url = 'https://github.com/acme/flows/pull/12'
  expect(await circleci.commit({ CIRCLE_BRANCH: 'topic', CIRCLE_PULL_REQUEST: url })).toEqual({
    branch: 'topic',
    pullRequest: { number: '12' }
  })
  expect((await circleci.commit({ CIRCLE_PR_NUMBER: '13' })).pullRequest?.number).toBe('13')
})
