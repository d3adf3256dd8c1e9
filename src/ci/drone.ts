import { pullRequestOf, variable, type CiService } from './service.js'

/** Drone: https://docs.drone.io/pipeline/environment/reference/ */
export const drone: CiService = {
  commit: env => {
    const tag = variable(env, 'DRONE_TAG')
    const request = pullRequestOf(
      variable(env, 'DRONE_PULL_REQUEST'),
      variable(env, 'DRONE_TARGET_BRANCH') ?? variable(env, 'DRONE_BRANCH')
    )
    const branch = variable(env, 'DRONE_SOURCE_BRANCH')
    return {
      // For a pull request, DRONE_BRANCH is the branch that it is merged into.
      branch: request ? branch : tag === undefined ? variable(env, 'DRONE_BRANCH') : undefined,
      sha: variable(env, 'DRONE_COMMIT_SHA') ?? variable(env, 'DRONE_COMMIT'),
      tag,
      pullRequest: request,
      defaultBranch: variable(env, 'DRONE_REPO_BRANCH')
    }
  },
  repository: env => variable(env, 'DRONE_REPO_NAME'),
  url: env => variable(env, 'DRONE_REPO_LINK')
}
