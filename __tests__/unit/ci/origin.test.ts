import { expect, test } from '@jest/globals'
import { originOf, revisionOf } from '../../../src/ci/origin.js'
import { mustRun, repository, temporaryFolder } from '../../helpers/flowstore.js'

const PATH = { PATH: process.env['PATH'] }
const SHA = '0123456789abcdef0123456789abcdef01234567'

/** A repository with one commit, of a known time. */
async function committed(remote?: string): Promise<string> {
  const root = repository({ 'flow.py': '' })
  const git = (...args: readonly string[]) =>
    mustRun('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], root, {
      ...PATH,
      GIT_COMMITTER_DATE: '2020-01-02T03:04:05Z'
    })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'one')
  if (remote !== undefined) await git('remote', 'add', 'origin', remote)
  return root
}

test.each([
  ['https://github.com/acme/flows.git', 'https://github.com/acme/flows'],
  ['https://x-access-token:secret@github.com/acme/flows', 'https://github.com/acme/flows'],
  ['https://secret@git.acme.example:8443/flows.git/', 'https://git.acme.example:8443/flows'],
  ['git@github.com:acme/flows.git', 'https://github.com/acme/flows'],
  ['ssh://git@git.acme.example:2222/acme/flows.git', 'https://git.acme.example/acme/flows'],
  ['/srv/git/flows.git', undefined],
  ['../flows', undefined],
  ['C:\\flows', undefined],
  ['file:///srv/git/flows', undefined]
])('the remote %s gives the source %s', async (remote, source) => {
  expect((await originOf(PATH, await committed(remote))).source).toBe(source)
})

test('git gives the commit and its time, and no run gives another time', async () => {
  const root = await committed()
  const origin = await originOf(PATH, root)
  expect(origin.created).toEqual(new Date('2020-01-02T03:04:05Z'))
  expect(origin.revision).toMatch(/^[0-9a-f]{40}$/)
  expect(await revisionOf(PATH, root)).toBe(origin.revision)
})

test('SOURCE_DATE_EPOCH comes before the time of the commit', async () => {
  const env = { ...PATH, SOURCE_DATE_EPOCH: '1600000000' }
  expect((await originOf(env, await committed())).created).toEqual(new Date(1_600_000_000_000))
})

test('a SOURCE_DATE_EPOCH that is no number is refused', async () => {
  await expect(
    originOf({ ...PATH, SOURCE_DATE_EPOCH: 'now' }, temporaryFolder())
  ).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining("'now'") })
})

test('without git and a CI service, nothing is known', async () => {
  expect(await originOf(PATH, temporaryFolder())).toEqual({})
  expect(await revisionOf(PATH, temporaryFolder())).toBeUndefined()
})

test('GitHub gives repository, commit, git tag and workflow', async () => {
  const env = {
    ...PATH,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/flows',
    GITHUB_SHA: SHA,
    GITHUB_REF: 'refs/tags/v1.4.2',
    GITHUB_WORKFLOW_REF: 'acme/flows/.github/workflows/build.yml@refs/tags/v1.4.2'
  }
  expect(await originOf(env, temporaryFolder())).toEqual({
    source: 'https://github.com/acme/flows',
    revision: SHA,
    version: '1.4.2',
    builder: 'https://github.com/acme/flows/.github/workflows/build.yml@refs/tags/v1.4.2'
  })
})

test.each([
  { CI_COMMIT_SHA: SHA, CI_PROJECT_URL: 'https://git.example/acme/flows' },
  { BUILD_SOURCEVERSION: SHA, BUILD_REPOSITORY_URI: 'https://me@git.example/acme/flows' },
  { BITBUCKET_COMMIT: SHA, BITBUCKET_GIT_HTTP_ORIGIN: 'http://git.example/acme/flows' },
  { BUILDKITE_COMMIT: SHA, BUILDKITE_REPO: 'git@git.example:acme/flows.git' },
  { CIRCLE_SHA1: SHA, CIRCLE_REPOSITORY_URL: 'git@git.example:acme/flows.git' },
  { DRONE_COMMIT_SHA: SHA, DRONE_REPO_LINK: 'https://git.example/acme/flows' },
  { GIT_COMMIT: SHA, GIT_URL: 'https://git.example/acme/flows.git' },
  { CI: 'woodpecker', CI_COMMIT_SHA: SHA, CI_REPO_URL: 'https://git.example/acme/flows' }
])('a CI service gives repository and commit: %o', async variables => {
  const { source, revision } = await originOf({ ...PATH, ...variables }, temporaryFolder())
  expect([source?.replace('http:', 'https:'), revision]).toEqual([
    'https://git.example/acme/flows',
    SHA
  ])
})
