import { commitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import { resolveTags } from '../../options/tags.js'
import type { Services } from '../services.js'

/** The tags that the option `tags` gives for this commit, without the image's own. */
export function furtherTags({ tags: templates, imageTag }: Options, services: Services): string[] {
  const { tags, left } = resolveTags(templates, commitNames(services.env))
  if (left.length > 0) {
    services.log.info(`No value here for ${left.map(tag => `'${tag}'`).join(', ')} in tags`)
  }
  return tags.filter(tag => tag !== imageTag)
}
