import { expect, test } from '@jest/globals'
import { commitNames, repositoryName } from '../../../src/ci/index.js'
import { githubJob } from '../../../src/ci/github.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

test('GitHub names the branch, the pull request and the tag in its ref', () => {
  expect(commitNames({ GITHUB_REF: 'refs/heads/main', GITHUB_SHA: sha })).toEqual({
    branch: 'main',
    sha,
    pr: undefined,
    version: undefined
  })
  expect(
    commitNames({ GITHUB_REF: 'refs/pull/12/merge', GITHUB_HEAD_REF: 'topic', GITHUB_SHA: sha })
  ).toEqual({ branch: 'topic', sha, pr: '12', version: undefined })
  expect(commitNames({ GITHUB_REF: 'refs/tags/v1.2.3' }).version).toBe('1.2.3')
  expect(commitNames({ GITHUB_REF: 'refs/tags/very', GITHUB_HEAD_REF: '' })).toMatchObject({
    version: 'very',
    branch: undefined
  })
})

test('GitHub names the repository with its owner, which is left out', () => {
  expect(repositoryName({ GITHUB_REPOSITORY: 'acme/flows' })).toBe('flows')
  expect(repositoryName({ GITHUB_REPOSITORY: '' })).toBeUndefined()
})

test('a job has the URL of its run, and the values of variables that look like secrets', () => {
  const env = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/flows',
    GITHUB_RUN_ID: '7',
    GITHUB_STEP_SUMMARY: '/summary',
    API_TOKEN: 'long-enough',
    SHORT_TOKEN: 'short',
    OTHER: 'long-enough-too'
  }
  expect(githubJob(env)).toEqual({
    runUrl: 'https://github.com/acme/flows/actions/runs/7',
    hasSummary: true,
    masked: ['long-enough']
  })
  expect(githubJob({})).toEqual({ runUrl: undefined, hasSummary: false, masked: [] })
})
