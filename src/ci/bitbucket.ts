import { pullRequestOf, variable, type CiService } from './service.js'

/** Bitbucket Pipelines: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/ */
export const bitbucket: CiService = {
  commit: env => ({
    branch: variable(env, 'BITBUCKET_BRANCH'),
    sha: variable(env, 'BITBUCKET_COMMIT'),
    tag: variable(env, 'BITBUCKET_TAG'),
    pullRequest: pullRequestOf(
      variable(env, 'BITBUCKET_PR_ID'),
      variable(env, 'BITBUCKET_PR_DESTINATION_BRANCH')
    )
  }),
  repository: env => variable(env, 'BITBUCKET_REPO_SLUG'),
  url: env => variable(env, 'BITBUCKET_GIT_HTTP_ORIGIN')
}
