import { expect, test } from '@jest/globals'
import { commitNames } from '../../../src/ci/commit.js'
import { resolveTags, tagProblem } from '../../../src/options/tags.js'

test('GitHub, GitLab and Jenkins say what a commit is known by', () => {
  const sha = '0123456789abcdef0123456789abcdef01234567'
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
  expect(
    commitNames({ CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: 'main', CI_COMMIT_TAG: 'v2' })
  ).toEqual({ branch: 'main', sha, pr: undefined, version: '2' })
  expect(commitNames({ CI_MERGE_REQUEST_IID: '4' }).pr).toBe('4')
  expect(commitNames({ GIT_COMMIT: sha, BRANCH_NAME: 'PR-3', CHANGE_ID: '3' })).toMatchObject({
    sha,
    pr: '3'
  })
})

test('templates become tags that a registry takes, each once, and those without a value are left', () => {
  const commit = { branch: 'feature/Ü x', sha: '0123456789abcdef', version: '1.2.3+4' }
  expect(
    resolveTags(
      ['latest', '{{branch}}', 'pr-{{ pr }}', '{{ sha }}', 'v{{ version }}', 'latest'],
      commit
    )
  ).toEqual({
    tags: ['latest', 'feature-x', '0123456', 'v1.2.3-4'],
    left: ['pr-{{ pr }}']
  })
  expect(resolveTags(['{{ branch }}'], { branch: '...' })).toEqual({
    tags: [],
    left: ['{{ branch }}']
  })
  expect(resolveTags(['{{ branch }}'], { branch: 'x'.repeat(300) }).tags[0]).toHaveLength(128)
})

test('what no tag can be is a problem before anything runs', () => {
  expect(tagProblem('release-{{ version }}')).toEqual([])
  expect(tagProblem('{{ brnch }}')[0]).toContain("did you mean 'branch'?")
  expect(tagProblem('a b')[0]).toContain("'a b', which is no tag")
  expect(tagProblem('-{{ sha }}')[0]).toContain('which is no tag')
})
