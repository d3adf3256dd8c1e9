import { commitNames } from '../ci/commit.js'
import { resolveTags } from '../options/tags.js'
import type { Run } from './inputs.js'

/** The tags of the option `tags` for this commit, but for the image's own. */
export function furtherTags({ options, surroundings, log }: Run): string[] {
  const { tags, left } = resolveTags(options.tags, commitNames(surroundings.env))
  if (left.length > 0) log.info(`No value here for ${left.map(t => `'${t}'`).join(', ')} in tags`)
  return tags.filter(tag => tag !== options.imageTag)
}
