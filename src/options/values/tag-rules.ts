import type { CommitNames } from '../../ci/index.js'
import { tagVersion, type TagVersion } from '../../ci/version.js'

/** The tag of what users get who name no tag. */
const LATEST = 'latest'

/** The version of the git tag that a run is for; undefined without one. */
export const versionOf = ({ tag }: CommitNames): TagVersion | undefined =>
  tag === undefined ? undefined : tagVersion(tag)

/** Whether a run is for a pre-release: its version says so, or the release of the service. */
export const isPrerelease = (commit: CommitNames): boolean =>
  commit.isPrerelease === true || versionOf(commit)?.isPrerelease === true

/** A text as a tag: characters that a tag can't have become `-`. It may be empty. */
export const tagText = (text: string): string =>
  text
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 128)

/**
 * Why a commit must not get a tag, as a clause; undefined if it may.
 *
 * A pull request gets neither `latest` nor the tag of the default branch or of the branch that it is for: its code is not
 * there yet. Other runs get `latest` only on the default branch or for a release; if no default branch is known, on any
 * branch.
 */
export function ruleAgainst(tag: string, commit: CommitNames): string | undefined {
  const { pullRequest, defaultBranch } = commit
  if (pullRequest === undefined) return tag === LATEST ? ruleAgainstLatest(commit) : undefined
  if (tag === LATEST) return `a pull request never gets '${LATEST}'`
  if (isTagOf(defaultBranch, tag)) return `a pull request never gets the name of the default branch`
  return isTagOf(pullRequest.target, tag)
    ? 'a pull request never gets the name of the branch that it is for'
    : undefined
}

const isTagOf = (branch: string | undefined, tag: string): boolean =>
  branch !== undefined && tagText(branch) === tag

/** For a run that is not for a pull request. */
function ruleAgainstLatest(commit: CommitNames): string | undefined {
  const { branch, tag, defaultBranch } = commit
  if (isPrerelease(commit)) {
    return `a pre-release${tag === undefined ? '' : ` such as ${tag}`} never gets '${LATEST}'`
  }
  const isRelease = commit.isPrerelease === false || versionOf(commit) !== undefined
  if (isRelease || (branch !== undefined && branch === defaultBranch)) return undefined
  const only = `only the default branch${defaultBranch === undefined ? '' : ` (${defaultBranch})`} and a release get '${LATEST}'`
  if (branch !== undefined) {
    return defaultBranch === undefined ? undefined : `${only}, and this is the branch ${branch}`
  }
  if (tag !== undefined) return `${only}, and the git tag ${tag} is no version`
  return defaultBranch === undefined ? undefined : `${only}, and the branch of this run is unknown`
}
