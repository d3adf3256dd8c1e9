import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { commitNames } from '../../../src/ci/index.js'
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
