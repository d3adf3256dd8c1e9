import { commitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import { resolveTags } from '../../options/values/tags.js'
import type { Services } from '../services.js'

/** The tags of the option `tags` for this commit, without the image's own tag. */
export function furtherTags({ tags: templates, imageTag }: Options, services: Services): string[] {
  const { tags, left } = resolveTags(templates, commitNames(services.env))
  if (left.length > 0) {
    services.log.info(
      `Skipped in tags, without a value here: ${left.map(tag => `'${tag}'`).join(', ')}`
    )
  }
  return tags.filter(tag => tag !== imageTag)
}
