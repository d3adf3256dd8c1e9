import { pullRequestOf, variable, type CiService } from './service.js'

/** Woodpecker: https://woodpecker-ci.org/docs/usage/environment. Its names are also those of GitLab. */
export const woodpecker: CiService = {
  commit: env => {
    if (env['CI'] !== 'woodpecker') return {}
    const tag = variable(env, 'CI_COMMIT_TAG')
    const request = pullRequestOf(
      variable(env, 'CI_COMMIT_PULL_REQUEST'),
      variable(env, 'CI_COMMIT_TARGET_BRANCH') ?? variable(env, 'CI_COMMIT_BRANCH')
    )
    const source = variable(env, 'CI_COMMIT_SOURCE_BRANCH')
    const prerelease = variable(env, 'CI_COMMIT_PRERELEASE')
    return {
      // For a pull request, CI_COMMIT_BRANCH is the branch that it is merged into.
      branch: request ? source : tag === undefined ? variable(env, 'CI_COMMIT_BRANCH') : undefined,
      sha: variable(env, 'CI_COMMIT_SHA'),
      tag,
      pullRequest: request,
      defaultBranch: variable(env, 'CI_REPO_DEFAULT_BRANCH'),
      isPrerelease:
        variable(env, 'CI_PIPELINE_EVENT') === 'release' ? prerelease === 'true' : undefined
    }
  },
  repository: env => (env['CI'] === 'woodpecker' ? variable(env, 'CI_REPO_NAME') : undefined),
  url: env => (env['CI'] === 'woodpecker' ? variable(env, 'CI_REPO_URL') : undefined)
}
