import { expect, test } from '@jest/globals'
import { ruleAgainst } from '../../../../src/options/values/tag-rules.js'

const defaultBranch = 'main'
const pullRequest = { number: '4', target: 'release/1' }

test.each([
  ['latest', { pullRequest }, "a pull request never gets 'latest'"],
  [
    'main',
    { pullRequest, branch: 'main', defaultBranch },
    'a pull request never gets the name of the default branch'
  ],
  [
    'release-1',
    { pullRequest, defaultBranch },
    'a pull request never gets the name of the branch that it is for'
  ],
  [
    'latest',
    { branch: 'topic', defaultBranch },
    "only the default branch (main) and a release get 'latest', and this is the branch topic"
  ],
  [
    'latest',
    { tag: 'v2.0.0-rc.1', defaultBranch },
    "a pre-release such as v2.0.0-rc.1 never gets 'latest'"
  ],
  [
    'latest',
    { tag: 'v2.0.0-rc.1', branch: 'main', defaultBranch },
    "a pre-release such as v2.0.0-rc.1 never gets 'latest'"
  ],
  [
    'latest',
    { tag: 'v2.0.0', isPrerelease: true },
    "a pre-release such as v2.0.0 never gets 'latest'"
  ],
  [
    'latest',
    { tag: 'nightly' },
    "only the default branch and a release get 'latest', and the git tag nightly is no version"
  ],
  [
    'latest',
    { defaultBranch },
    "only the default branch (main) and a release get 'latest', and the branch of this run is unknown"
  ]
])('the tag %s is left out for %j', (tag, commit, rule) => {
  expect(ruleAgainst(tag, commit)).toBe(rule)
})

test.each([
  ['topic', { pullRequest, branch: 'topic', defaultBranch }],
  ['latest', { branch: 'main', defaultBranch }],
  ['latest', { branch: 'topic' }],
  ['latest', {}],
  ['latest', { tag: 'v1.4.2', defaultBranch }],
  ['latest', { tag: 'summer', isPrerelease: false, defaultBranch }],
  ['main', { branch: 'topic', defaultBranch }],
  ['2.0.0-rc.1', { tag: 'v2.0.0-rc.1' }]
])('the tag %s stays for %j', (tag, commit) => {
  expect(ruleAgainst(tag, commit)).toBeUndefined()
})
