import type { CommitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import { ruleAgainst } from '../../options/values/tag-rules.js'
import { resolveTags } from '../../options/values/tags.js'
import { tagTemplates } from '../inputs.js'
import { runCommit } from '../origin.js'
import type { Services, Surroundings } from '../services.js'

/**
 * The tags of the option `tags` for this commit, without the image's own tag. A warning names each tag that a rule leaves
 * out; on a pull request, where that is usual, it is a notice.
 *
 * @throws FlowstoreError INVALID_OPTION for a reference to another image
 */
export async function furtherTags(options: Options, services: Services): Promise<string[]> {
  const { imageTag } = options
  if (options.tags.length === 0 && imageTag === undefined) return []
  const commit = await commitOf(options, services)
  const { tags, withoutValue, leftOut } = resolveTags(tagTemplates(options, services), commit)
  if (withoutValue.length > 0) {
    const names = withoutValue.map(template => `'${template}'`).join(', ')
    services.log.info(`Skipped tags that have no value for this commit: ${names}`)
  }
  const level = commit.pullRequest === undefined ? 'warning' : 'notice'
  for (const { name, rule } of leftOut) {
    services.log.notice({ level, message: `the tag '${name}' is left out: ${rule}` })
  }
  const rule = imageTag === undefined ? undefined : ruleAgainst(imageTag, commit)
  if (rule !== undefined && options.push) {
    services.log.notice({
      level: 'warning',
      message: `the option image-tag pushes '${imageTag}', although ${rule}; in the option tags it would be left out`
    })
  }
  return tags.filter(tag => tag !== imageTag)
}

/** The tags of the option `tags` for this commit, without a word about those that are left out. */
export async function tagsNamed(
  options: Options,
  surroundings: Surroundings
): Promise<readonly string[]> {
  if (options.tags.length === 0) return []
  const templates = tagTemplates(options, surroundings)
  return resolveTags(templates, await commitOf(options, surroundings)).tags
}

/**
 * The tag that a build is compared with if no option says it: the first of `tags`. For a pull request, that may be one
 * that it does not get itself, such as `latest`: what it is for is what it would change.
 */
export async function tagBefore(
  options: Options,
  surroundings: Surroundings
): Promise<string | undefined> {
  if (options.tags.length === 0) return undefined
  const commit = await commitOf(options, surroundings)
  for (const template of tagTemplates(options, surroundings)) {
    const { tags, leftOut } = resolveTags([template], commit)
    const [tag] =
      commit.pullRequest === undefined ? tags : [...tags, ...leftOut.map(({ name }) => name)]
    if (tag !== undefined) return tag
  }
  return undefined
}

async function commitOf({ defaultBranch }: Options, run: Surroundings): Promise<CommitNames> {
  const commit = await runCommit(run)
  return defaultBranch === undefined ? commit : { ...commit, defaultBranch }
}
