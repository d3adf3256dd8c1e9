import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { repositoryName } from '../../../src/ci/index.js'
import { github, githubJob } from '../../../src/ci/github.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const sha = '0123456789abcdef0123456789abcdef01234567'

/** Variables of a run with an event. */
function withEvent(event: unknown, env: Readonly<Record<string, string>>) {
  const path = join(temporaryFolder(), 'event.json')
  writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
  return { ...env, GITHUB_EVENT_PATH: path, GITHUB_SHA: sha }
}

const repository = { default_branch: 'main' }
const MAIN = { GITHUB_REF: 'refs/heads/main' }

test('GitHub names the branch, the pull request and the tag in its ref', async () => {
  expect(await github.commit({ GITHUB_REF: 'refs/heads/main', GITHUB_SHA: sha })).toEqual({
    branch: 'main',
    sha
  })
  expect(
    await github.commit({
      GITHUB_REF: 'refs/pull/12/merge',
      GITHUB_HEAD_REF: 'topic',
      GITHUB_BASE_REF: 'main',
      GITHUB_SHA: sha
    })
  ).toEqual({ branch: 'topic', sha, pullRequest: { number: '12', target: 'main' } })
  expect(await github.commit({ GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_HEAD_REF: '' })).toEqual({
    tag: 'v1.2.3'
  })
})

test('the event names the default branch, and whether a release is a pre-release', async () => {
  const event = { repository, release: { prerelease: true } }
  expect(await github.commit(withEvent(event, { GITHUB_REF: 'refs/tags/v2' }))).toMatchObject({
    tag: 'v2',
    defaultBranch: 'main',
    isPrerelease: true
  })
})

test.each([
  [
    'pull_request_target, whose ref is the default branch',
    { pull_request: { number: 4, head: { ref: 'topic' }, base: { ref: 'main' } } },
    { ...MAIN, GITHUB_HEAD_REF: 'topic', GITHUB_BASE_REF: 'main' },
    { branch: 'topic', pullRequest: { number: '4', target: 'main' } }
  ],
  [
    'a comment on a pull request',
    { issue: { number: 4, pull_request: { url: 'x' } } },
    MAIN,
    { pullRequest: { number: '4' } }
  ],
  [
    'a workflow that ran for a pull request',
    { workflow_run: { event: 'pull_request', head_branch: 'topic', pull_requests: [] } },
    MAIN,
    { branch: 'topic', pullRequest: { number: undefined } }
  ]
])('%s is a pull request', async (_what, event, env, names) => {
  expect(await github.commit(withEvent(event, env))).toMatchObject(names)
})

test.each([
  ['a comment on an issue', { issue: { number: 4 } }],
  ['a workflow that ran for a push', { workflow_run: { event: 'push', head_branch: 'topic' } }]
])('%s is no pull request', async (_what, event) => {
  const names = await github.commit(withEvent(event, MAIN))
  expect([names.branch, names.pullRequest]).toEqual(['main', undefined])
})

test('an event that can’t be read leaves the names of the variables', async () => {
  expect(await github.commit(withEvent('no JSON', MAIN))).toEqual({ branch: 'main', sha })
})

test('GitHub names the repository with its owner, which is left out', () => {
  expect(repositoryName({ GITHUB_REPOSITORY: 'acme/flows' })).toBe('flows')
  expect(repositoryName({ GITHUB_REPOSITORY: '' })).toBeUndefined()
})

const SERVICE = { ACTIONS_RUNTIME_TOKEN: 'long-enough-3', ACTIONS_RESULTS_URL: 'https://results' }

test('a job has the URL of its run, and the values of variables that look like secrets', () => {
  const env = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/flows',
    GITHUB_RUN_ID: '7',
    GITHUB_STEP_SUMMARY: '/summary',
    API_TOKEN: 'long-enough',
    SHORT_TOKEN: 'short',
    OTHER: 'long-enough-too',
    ...SERVICE
  }
  expect(githubJob(env)).toEqual({
    runUrl: 'https://github.com/acme/flows/actions/runs/7',
    hasSummary: true,
    artifactsMissing: undefined,
    masked: ['long-enough', 'long-enough-3']
  })
  expect(githubJob({})).toMatchObject({ runUrl: undefined, hasSummary: false, masked: [] })
})

test.each(['https://github.com', 'https://acme.ghe.com', 'http://github.localhost'])(
  'a job of %s has a service for artifacts',
  server => {
    expect(githubJob({ ...SERVICE, GITHUB_SERVER_URL: server }).artifactsMissing).toBeUndefined()
  }
)

test.each(['https://github.acme.example', 'https://codeberg.org', 'http://gitea:3000'])(
  'a job of %s has no service for artifacts that the client can use',
  server => {
    const { artifactsMissing } = githubJob({ ...SERVICE, GITHUB_SERVER_URL: server })
    expect(artifactsMissing).toContain(`${new URL(server).hostname} has no artifact service`)
  }
)

test.each(['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_RESULTS_URL'])(
  'a job without %s has no service for artifacts',
  name => {
    const { artifactsMissing } = githubJob({ ...SERVICE, [name]: '' })
    expect(artifactsMissing).toBe(`this runner has no artifact service (${name} is not set)`)
  }
)
