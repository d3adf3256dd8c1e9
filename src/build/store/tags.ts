import type { CommitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import type { ImageRepository } from '../../image/repository.js'
import { readTags } from '../../image/tag-move.js'
import { ruleAgainst } from '../../options/values/tag-rules.js'
import { resolveTags } from '../../options/values/tags.js'
import { rulesFor } from '../../prefect/releases.js'
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

/**
 * The tag by which deployments name an image: the key of its content. A tag that the user chose may move, and a worker
 * that has an image of this name does not pull it again. The daemon alone has only the user's tag.
 */
export const deployedTag = ({ imageTag, push }: Options, key: string): string =>
  push ? key : (imageTag ?? key)

/**
 * The tags that an image of a release of Prefect needs for its deployments, beside its own tag. One that is there names
 * an image of the same content, and stays: a registry may refuse to move it.
 *
 * @param repository undefined for one that only the daemon reaches
 */
export async function deployedTags(
  options: Options,
  prefect: string,
  key: string,
  repository: ImageRepository | undefined
): Promise<readonly string[]> {
  const tag = deployedTag(options, key)
  const isOwn = tag === (options.imageTag ?? key)
  if (isOwn || rulesFor(prefect).generation.flowsAre === 'pickles') return []
  const before = repository && (await readTags(repository, [tag]))
  return before?.get(tag) ? [] : [tag]
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
