import { commitNames } from '../../ci/index.js'
import type { Options } from '../../options/options.js'
import { resolveTags } from '../../options/values/tags.js'
import type { Services } from '../services.js'

/** The tags of the option `tags` for this commit, without the image's own tag. */
export function furtherTags({ tags: templates, imageTag }: Options, services: Services): string[] {
  const { tags, left: skipped } = resolveTags(templates, commitNames(services.env))
  if (skipped.length > 0) {
    const names = skipped.map(template => `'${template}'`).join(', ')
    services.log.info(`Skipped tags that have no value for this commit: ${names}`)
  }
  return tags.filter(tag => tag !== imageTag)
}
