import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { commitNames, forkOf } from '../../../src/ci/index.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const { PATH, HOME } = process.env
const machine = { PATH, HOME }
const nowhere = temporaryFolder()

/** A repository with an empty commit on the branch `trunk`. */
function workTree(): string {
  const root = temporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root })
  git('init', '--quiet', '--initial-branch', 'trunk')
  git('commit', '--quiet', '--allow-empty', '--message', 'a')
  git('update-ref', 'refs/remotes/origin/trunk', 'HEAD')
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk')
  return root
}

test('a commit has no names outside CI and git', async () => {
  expect(await commitNames({ HOME: '/root' }, nowhere)).toEqual({})
})

test('the names of two services are not mixed', async () => {
  const env = { GITHUB_REF: 'refs/tags/v1', BRANCH_NAME: 'other' }
  expect(await commitNames(env, nowhere)).toEqual({ tag: 'v1' })
})

test('Woodpecker and Drone are not taken for GitLab, whose variables they set too', async () => {
  const shared = { CI_COMMIT_SHA: 'abc', CI_COMMIT_BRANCH: 'main' }
  const woodpecker = { ...shared, CI: 'woodpecker', CI_COMMIT_PULL_REQUEST: '1' }
  expect((await commitNames(woodpecker, nowhere)).pullRequest).toBeDefined()
  const drone = { ...shared, DRONE_BRANCH: 'main', DRONE_PULL_REQUEST: '1' }
  expect((await commitNames(drone, nowhere)).pullRequest).toBeDefined()
})

test('outside CI, git names the commit', async () => {
  expect(await commitNames(machine, workTree())).toMatchObject({
    branch: 'trunk',
    defaultBranch: 'trunk'
  })
})

test('what a service does not say is taken from git', async () => {
  const root = workTree()
  expect(await commitNames({ ...machine, BITBUCKET_BRANCH: 'topic' }, root)).toMatchObject({
    branch: 'topic',
    defaultBranch: 'trunk'
  })
  const teamcity = { ...machine, TEAMCITY_VERSION: '1', BUILD_VCS_NUMBER: 'abc' }
  expect(await commitNames(teamcity, root)).toMatchObject({ branch: 'trunk', sha: 'abc' })
})

test('the branch of a pull request is not taken from git', async () => {
  const env = { ...machine, CHANGE_ID: '3' }
  expect((await commitNames(env, workTree())).branch).toBeUndefined()
})

const FORKS: readonly [string, Readonly<Record<string, string>>, string][] = [
  [
    'GitLab',
    {
      CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'ada/flows',
      CI_MERGE_REQUEST_PROJECT_PATH: 'acme/flows'
    },
    'ada/flows'
  ],
  [
    'GitLab, for a repository elsewhere',
    {
      CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: 'ada/flows',
      CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY: 'acme/flows'
    },
    'ada/flows'
  ],
  [
    'Azure Pipelines',
    {
      SYSTEM_PULLREQUEST_ISFORK: 'True',
      SYSTEM_PULLREQUEST_SOURCEREPOSITORYURI: 'https://github.com/ada/flows'
    },
    'https://github.com/ada/flows'
  ],
  ['CircleCI', { CIRCLE_PR_USERNAME: 'ada', CIRCLE_PR_REPONAME: 'flows' }, 'ada/flows'],
  [
    'Travis CI',
    { TRAVIS_PULL_REQUEST_SLUG: 'ada/flows', TRAVIS_REPO_SLUG: 'acme/flows' },
    'ada/flows'
  ],
  [
    'Buildkite',
    {
      BUILDKITE_PULL_REQUEST_REPO: 'git://github.com/ada/flows.git',
      BUILDKITE_REPO: 'git@github.com:acme/flows.git'
    },
    'ada/flows'
  ],
  ['Jenkins', { CHANGE_FORK: 'ada/flows' }, 'ada/flows']
]

test.each(FORKS)('%s says that a pull request is from a fork', async (_service, env, fork) => {
  expect(await forkOf(env)).toBe(fork)
})

test.each<[string, Readonly<Record<string, string>>]>([
  [
    'GitLab',
    {
      CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'acme/flows',
      CI_MERGE_REQUEST_PROJECT_PATH: 'acme/flows'
    }
  ],
  ['Azure Pipelines', { SYSTEM_PULLREQUEST_ISFORK: 'False' }],
  ['CircleCI', { CIRCLE_PULL_REQUEST: 'https://github.com/acme/flows/pull/4' }],
  ['Travis CI', { TRAVIS_PULL_REQUEST_SLUG: 'acme/flows', TRAVIS_REPO_SLUG: 'acme/flows' }],
  ['Travis CI, for a push', { TRAVIS_PULL_REQUEST_SLUG: '', TRAVIS_REPO_SLUG: 'acme/flows' }],
  [
    'Buildkite',
    {
      BUILDKITE_PULL_REQUEST_REPO: 'git://github.com/acme/flows.git',
      BUILDKITE_REPO: 'git@github.com:acme/flows'
    }
  ],
  [
    'Buildkite, for a push',
    { BUILDKITE_PULL_REQUEST_REPO: '', BUILDKITE_REPO: 'git@h:acme/flows' }
  ],
  ['Jenkins', { CHANGE_ID: '4' }]
])('%s names no fork for a pull request within the repository', async (_service, env) => {
  expect(await forkOf(env)).toBeUndefined()
})
