import { ifOther, pullRequestOf, variable, type CiService } from './service.js'

/** Owner and name in an address: the two are written in several forms, such as `git@host:owner/name.git`. */
const ownerAndName = (address: string | undefined): string | undefined =>
  address
    ?.replace(/(\.git)?\/?$/, '')
    .split(/[/:]/)
    .slice(-2)
    .join('/')

/** Buildkite: https://buildkite.com/docs/pipelines/configure/environment-variables */
export const buildkite: CiService = {
  commit: env => {
    const tag = variable(env, 'BUILDKITE_TAG')
    const commit = variable(env, 'BUILDKITE_COMMIT')
    return {
      // For a tag, the branch is the name of the tag. For a fork, its owner comes first: `ada:topic`.
      branch:
        tag === undefined ? variable(env, 'BUILDKITE_BRANCH')?.replace(/^[^:]+:/, '') : undefined,
      // A build that was started by hand may have `HEAD`.
      sha: commit === 'HEAD' ? undefined : commit,
      tag,
      pullRequest: pullRequestOf(
        variable(env, 'BUILDKITE_PULL_REQUEST'),
        variable(env, 'BUILDKITE_PULL_REQUEST_BASE_BRANCH')
      ),
      defaultBranch: variable(env, 'BUILDKITE_PIPELINE_DEFAULT_BRANCH')
    }
  },
  repository: () => undefined,
  url: env => variable(env, 'BUILDKITE_REPO'),
  fork: env =>
    ifOther(
      ownerAndName(variable(env, 'BUILDKITE_PULL_REQUEST_REPO')),
      ownerAndName(variable(env, 'BUILDKITE_REPO'))
    )
}
