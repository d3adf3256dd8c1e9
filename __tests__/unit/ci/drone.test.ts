import { expect, test } from '@jest/globals'
import { drone } from '../../../src/ci/drone.js'

const env = { DRONE_COMMIT_SHA: 'abc', DRONE_REPO_BRANCH: 'main', DRONE_REPO_NAME: 'flows' }

test('Drone names branch, default branch and repository', async () => {
  const push = { ...env, DRONE_BRANCH: 'topic', DRONE_SOURCE_BRANCH: 'topic' }
  expect(await drone.commit(push)).toEqual({ branch: 'topic', sha: 'abc', defaultBranch: 'main' })
  expect(drone.repository(push)).toBe('flows')
})

test('a run of Drone for a tag has no branch', async () => {
  expect(await drone.commit({ ...env, DRONE_TAG: 'v1', DRONE_BRANCH: 'main' })).toEqual({
    tag: 'v1',
    sha: 'abc',
    defaultBranch: 'main'
  })
})

test('the branch of a pull request on Drone is its source, not DRONE_BRANCH', async () => {
  expect(
    await drone.commit({
      DRONE_BRANCH: 'main',
      DRONE_SOURCE_BRANCH: 'topic',
      DRONE_TARGET_BRANCH: 'main',
      DRONE_PULL_REQUEST: '9'
    })
  ).toEqual({ branch: 'topic', pullRequest: { number: '9', target: 'main' } })
})
