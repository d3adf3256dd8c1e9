import { lastPart, pullRequestOf, variable, type CiService } from './service.js'

/** CircleCI: https://circleci.com/docs/reference/variables/ */
export const circleci: CiService = {
  commit: env => ({
    branch: variable(env, 'CIRCLE_BRANCH'),
    sha: variable(env, 'CIRCLE_SHA1'),
    tag: variable(env, 'CIRCLE_TAG'),
    pullRequest: pullRequestOf(
      // Only a pull request from a fork has the number; the other is a URL.
      variable(env, 'CIRCLE_PR_NUMBER') ?? lastPart(variable(env, 'CIRCLE_PULL_REQUEST')),
      undefined
    )
  }),
  repository: env => variable(env, 'CIRCLE_PROJECT_REPONAME'),
  url: env => variable(env, 'CIRCLE_REPOSITORY_URL'),
  // Only a pull request from a fork has them.
  fork: env => {
    const owner = variable(env, 'CIRCLE_PR_USERNAME')
    return owner && `${owner}/${variable(env, 'CIRCLE_PR_REPONAME') ?? ''}`
  }
}
