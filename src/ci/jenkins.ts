import { pullRequestOf, variable, type CiService } from './service.js'

/**
 * Jenkins: multibranch pipelines (https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables),
 * the git plugin (GIT_), the GitHub pull request builder (ghprb) and the GitLab plugin (gitlab).
 */
export const jenkins: CiService = {
  commit: env => {
    const tag = variable(env, 'TAG_NAME')
    return {
      branch:
        variable(env, 'CHANGE_BRANCH') ??
        variable(env, 'ghprbSourceBranch') ??
        variable(env, 'gitlabSourceBranch') ??
        // For a tag, BRANCH_NAME is the name of the tag.
        (tag === undefined
          ? (variable(env, 'BRANCH_NAME') ??
            variable(env, 'GIT_LOCAL_BRANCH') ??
            variable(env, 'GIT_BRANCH')?.replace(/^origin\//, ''))
          : undefined),
      sha: variable(env, 'ghprbActualCommit') ?? variable(env, 'GIT_COMMIT'),
      tag,
      pullRequest: pullRequestOf(
        variable(env, 'CHANGE_ID') ??
          variable(env, 'ghprbPullId') ??
          variable(env, 'gitlabMergeRequestIid'),
        variable(env, 'CHANGE_TARGET') ??
          variable(env, 'ghprbTargetBranch') ??
          variable(env, 'gitlabTargetBranch')
      )
    }
  },
  repository: () => undefined,
  url: env => variable(env, 'GIT_URL'),
  fork: env => variable(env, 'CHANGE_FORK')
}
