type Variables = Readonly<Record<string, string | undefined>>

/** What a commit is known by; undefined for what it doesn't have. */
export interface CommitNames {
  /** The branch; of a pull request the one it comes from. */
  readonly branch?: string | undefined
  /** The commit's full hash. */
  readonly sha?: string | undefined
  /** Number of the pull or merge request. */
  readonly pr?: string | undefined
  /** The git tag, without the `v` before a number. */
  readonly version?: string | undefined
}

/**
 * What a CI service says of the commit in its variables: GitHub (`GITHUB_*`), GitLab (`CI_*`), Jenkins
 * (`BRANCH_NAME`, `GIT_COMMIT`, `CHANGE_ID`, `TAG_NAME`).
 */
export function commitNames(env: Variables): CommitNames {
  const given = (name: string): string | undefined => env[name] || undefined
  const ref = given('GITHUB_REF') ?? ''
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1] ?? given('CI_COMMIT_TAG') ?? given('TAG_NAME')
  return {
    branch:
      given('GITHUB_HEAD_REF') ??
      /^refs\/heads\/(.+)$/.exec(ref)?.[1] ??
      given('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ??
      given('CI_COMMIT_BRANCH') ??
      given('CHANGE_BRANCH') ??
      given('BRANCH_NAME'),
    sha: given('GITHUB_SHA') ?? given('CI_COMMIT_SHA') ?? given('GIT_COMMIT'),
    pr:
      /^refs\/pull\/(\d+)\//.exec(ref)?.[1] ?? given('CI_MERGE_REQUEST_IID') ?? given('CHANGE_ID'),
    version: tag?.replace(/^v(?=\d)/, '')
  }
}
