import { FlowstoreError } from '../../errors.js'
import { tagManifest } from '../../image/oci/write.js'
import { RegistryUnusable } from '../../registry/unusable.js'
import type { FoundBuild, SettledBuild } from '../load/loaded-build.js'
import type { Services } from '../services.js'
import { reportImage, type StoredBuild } from './stored-build.js'
import { furtherTags } from './tags.js'

/** Puts loaded flows into their storage. A found image has them already and gets its further tags. */
export async function storeFlows(
  build: FoundBuild | SettledBuild,
  services: Services
): Promise<StoredBuild> {
  if (build.kind === 'found') return tagFound(build, services)
  const { image } = build
  if (image === null) {
    const { storeWithoutImage } = await import('../stages.js')
    return storeWithoutImage(build, services)
  }
  const { storeInImage } = await import('../stages.js')
  return storeInImage(build, image, services)
}

async function tagFound({ inputs, found }: FoundBuild, services: Services): Promise<StoredBuild> {
  const { repository, image, storage, built } = found
  const tags = furtherTags(inputs.options, services)
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
