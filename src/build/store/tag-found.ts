import { FlowstoreError } from '../../errors.js'
import { tagManifest } from '../../image/oci/write.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import type { FoundBuild } from '../load/loaded-build.js'
import { warnOfFailed } from '../load/load-errors.js'
import type { Services } from '../services.js'
import { reportImage, type StoredBuild } from './stored-build.js'
import { furtherTags } from './tags.js'

/** Adds the tags of the option `tags` to a found image, which has everything else already. */
export async function tagFound(
  { inputs, found }: FoundBuild,
  services: Services
): Promise<StoredBuild> {
  const { repository, image, storage, built } = found
  warnOfFailed(built.failed, services.log)
  const tags = await furtherTags(inputs.options, services)
  if (tags.length > 0) {
    await services.log.phase('tags', async () => {
      try {
        await tagManifest(repository.client, repository.path, image.manifest, tags)
      } catch (error) {
        throw error instanceof RegistryUnusable ? noTags(tags, repository.name, error) : error
      }
    })
  }
  return {
    storage,
    built,
    image: reportImage(storage, { repository: repository.name, digest: image.digest, tags }),
    changed: false,
    load: null
  }
}

const noTags = (tags: readonly string[], name: string, cause: RegistryUnusable): FlowstoreError =>
  new FlowstoreError(
    'REGISTRY',
    `the tags ${tags.join(', ')} can't be added to ${name}: ${cause.reason}`,
    {
      hint: 'Set force: true to build and push the image again.',
      cause
    }
  )
