import { commitNames, type CommitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import { ruleAgainst } from '../../options/values/tag-rules.js'
import { resolveTags } from '../../options/values/tags.js'
import { tagTemplates } from '../inputs.js'
import type { Services, Surroundings } from '../services.js'

/**
 * The tags of the option `tags` for this commit, without the image's own tag. A warning names each tag that a rule leaves
 * out.
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
  for (const { name, rule } of leftOut) {
    services.log.notice({ level: 'warning', message: `the tag '${name}' is left out: ${rule}` })
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

async function commitOf(
  { defaultBranch }: Options,
  { env, cwd }: Surroundings
): Promise<CommitNames> {
  const commit = await commitNames(env, cwd)
  return defaultBranch === undefined ? commit : { ...commit, defaultBranch }
}
