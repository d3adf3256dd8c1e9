import { type CiService, variable, versionOf } from './service.js'

/** GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/ */
export const gitlab: CiService = {
  commit: env => ({
    branch:
      variable(env, 'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ?? variable(env, 'CI_COMMIT_BRANCH'),
    sha: variable(env, 'CI_COMMIT_SHA'),
    pr: variable(env, 'CI_MERGE_REQUEST_IID'),
    version: versionOf(variable(env, 'CI_COMMIT_TAG'))
  }),
  repository: () => undefined
}
