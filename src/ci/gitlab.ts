import { ifOther, pullRequestOf, variable, type CiService } from './service.js'

/** GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/ */
export const gitlab: CiService = {
  commit: env => ({
    branch:
      variable(env, 'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ??
      variable(env, 'CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME') ??
      variable(env, 'CI_COMMIT_BRANCH'),
    sha: variable(env, 'CI_COMMIT_SHA'),
    tag: variable(env, 'CI_COMMIT_TAG'),
    pullRequest: pullRequestOf(
      variable(env, 'CI_MERGE_REQUEST_IID') ?? variable(env, 'CI_EXTERNAL_PULL_REQUEST_IID'),
      variable(env, 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME') ??
        variable(env, 'CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME')
    ),
    defaultBranch: variable(env, 'CI_DEFAULT_BRANCH')
  }),
  repository: () => undefined,
  url: env => variable(env, 'CI_PROJECT_URL'),
  fork: env =>
    ifOther(
      variable(env, 'CI_MERGE_REQUEST_SOURCE_PROJECT_PATH'),
      variable(env, 'CI_MERGE_REQUEST_PROJECT_PATH')
    ) ??
    ifOther(
      variable(env, 'CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY'),
      variable(env, 'CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY')
    )
}
