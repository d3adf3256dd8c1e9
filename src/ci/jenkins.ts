import { type CiService, variable, versionOf } from './service.js'

/** Jenkins, multibranch pipelines: https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables */
export const jenkins: CiService = {
  commit: env => ({
    branch: variable(env, 'CHANGE_BRANCH') ?? variable(env, 'BRANCH_NAME'),
    sha: variable(env, 'GIT_COMMIT'),
    pr: variable(env, 'CHANGE_ID'),
    version: versionOf(variable(env, 'TAG_NAME'))
  }),
  repository: () => undefined
}
