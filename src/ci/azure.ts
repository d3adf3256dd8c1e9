import {
  branchOfRef,
  lastPart,
  numberOfRef,
  pullRequestOf,
  tagOfRef,
  variable,
  type CiService
} from './service.js'

/** A branch, with or without `refs/heads/`: Azure writes both. */
const shortBranch = (name: string | undefined): string | undefined => branchOfRef(name) ?? name

/** Azure Pipelines: https://learn.microsoft.com/azure/devops/pipelines/build/variables */
export const azure: CiService = {
  commit: env => {
    const ref = variable(env, 'BUILD_SOURCEBRANCH')
    return {
      branch: shortBranch(variable(env, 'SYSTEM_PULLREQUEST_SOURCEBRANCH')) ?? branchOfRef(ref),
      sha: variable(env, 'BUILD_SOURCEVERSION'),
      tag: tagOfRef(ref),
      pullRequest: pullRequestOf(
        // For a repository on GitHub, the ID is not the number.
        variable(env, 'SYSTEM_PULLREQUEST_PULLREQUESTNUMBER') ??
          variable(env, 'SYSTEM_PULLREQUEST_PULLREQUESTID') ??
          numberOfRef(ref),
        shortBranch(variable(env, 'SYSTEM_PULLREQUEST_TARGETBRANCH'))
      )
    }
  },
  repository: env => lastPart(variable(env, 'BUILD_REPOSITORY_NAME')),
  url: env => variable(env, 'BUILD_REPOSITORY_URI'),
  fork: env =>
    variable(env, 'SYSTEM_PULLREQUEST_ISFORK')?.toLowerCase() === 'true'
      ? (variable(env, 'SYSTEM_PULLREQUEST_SOURCEREPOSITORYURI') ?? 'an unknown repository')
      : undefined
}
