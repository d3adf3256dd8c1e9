import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { gitNames } from '../../../src/ci/git.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd,
    stdio: 'pipe'
  }).toString()

/** A repository with a commit on the branch `trunk`. */
function workTree(): string {
  const root = repository({ a: '' })
  git(root, 'init', '--quiet', '--initial-branch', 'trunk')
  git(root, 'add', 'a')
  git(root, 'commit', '--quiet', '--message', 'a')
  return root
}

function cloneOf(root: string): string {
  const folder = join(temporaryFolder(), 'clone')
  git(root, 'clone', '--quiet', root, folder)
  return folder
}

test('git names branch and commit; a repository without an origin has no default branch', async () => {
  const root = workTree()
  expect(await gitNames(root, process.env)).toEqual({
    branch: 'trunk',
    sha: git(root, 'rev-parse', 'HEAD').trim()
  })
})

test('a clone knows the default branch of its origin', async () => {
  const clone = cloneOf(workTree())
  git(clone, 'checkout', '--quiet', '-b', 'topic')
  expect(await gitNames(clone, process.env)).toMatchObject({
    branch: 'topic',
    defaultBranch: 'trunk'
  })
})

test('of the tags at HEAD, the highest version is named', async () => {
  const root = workTree()
  for (const tag of ['checked', 'v1.9.0', 'v1.10.0']) git(root, 'tag', tag)
  expect((await gitNames(root, process.env)).tag).toBe('v1.10.0')
})

test('without a branch, it is the branch of origin that the commit is the last of', async () => {
  const root = workTree()
  git(root, 'checkout', '--quiet', '-b', 'topic')
  git(root, 'commit', '--quiet', '--allow-empty', '--message', 'b')
  git(root, 'checkout', '--quiet', 'trunk')
  const clone = cloneOf(root)
  const branches: (string | undefined)[] = []
  for (const commit of ['origin/topic', 'origin/trunk']) {
    git(clone, 'checkout', '--quiet', '--detach', commit)
    branches.push((await gitNames(clone, process.env)).branch)
  }
  expect(branches).toEqual(['topic', 'trunk'])
})

test('outside a repository, nothing has a name', async () => {
  expect(await gitNames(temporaryFolder(), process.env)).toEqual({})
})
