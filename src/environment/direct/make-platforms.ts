import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowstoreError, withHint } from '../../errors.js'
import { platformIn } from '../../image/oci/image.js'
import { indexOf } from '../../image/oci/index-of.js'
import { readImage } from '../../image/oci/read.js'
import { tagManifest } from '../../image/oci/write.js'
import type { ImageRepository } from '../../image/repository.js'
import { allEnded } from '../../util/all-ended.js'
import { Gate } from '../../util/gate.js'
import { OWN_PLATFORM } from '../../util/platform.js'
import { environmentInRegistry, registryTag, type EnvironmentImage } from '../environment.js'
import { environmentKeys } from '../find.js'
import type { FirstStart } from '../first-start.js'
import type { EnvironmentRequest } from '../request.js'
import { UnknownBase } from './base-facts.js'
import { Bytecode } from './bytecode.js'
import { comparePlatforms } from './compare-platforms.js'
import { NotPure } from './project-wheels.js'
import {
  inFolderOfBuild,
  planDirectly,
  readyImage,
  tagWhenStarted,
  writtenImage,
  type DirectImage,
  type DirectPlan
} from './make-direct.js'

/** The index of the images. */
interface PlatformsResult {
  readonly environment: EnvironmentImage
  readonly firstStart: FirstStart | undefined
}

/**
 * Builds an environment image for each of several platforms without a daemon, and pushes them with an index of them.
 * Nothing of a package runs for another platform than this machine's, so there is no emulation. Before anything is
 * pushed, all layers are complete and their packages compared.
 *
 * @throws FlowstoreError DIRECT_BUILD for what needs a daemon; VERSION_MISMATCH; and as `makeDirectly`
 */
export async function makeForPlatforms(
  request: EnvironmentRequest,
  repository: ImageRepository
): Promise<PlatformsResult> {
  const { platforms, log } = request
  const plans = await Promise.all(platforms.map(platform => planFor(request, platform)))
  return inFolderOfBuild(request, async folder => {
    const images = await readyImages(request, repository, plans, folder)
    comparePlatforms(
      images.map(({ facts }, index) => ({ facts, platform: platforms[index] ?? '' })),
      log
    )
    return writeIndex(request, repository, plans, images)
  })
}

/** The error DIRECT_BUILD for an image of several platforms. */
export const notForPlatforms = (reason: string): FlowstoreError =>
  new FlowstoreError('DIRECT_BUILD', `the image can't be built for several platforms: ${reason}`, {
    hint: 'Each platform is built without a daemon ("Several platforms" in docs/options.md says what that can do). Name a base image that has what is missing for each platform, or leave out platforms.'
  })

async function planFor(request: EnvironmentRequest, platform: string): Promise<DirectPlan> {
  const plan = await planDirectly(request, platform).catch((error: unknown) => {
    if (error instanceof UnknownBase) return error.message
    throw error
  })
  if (typeof plan === 'string') throw notForPlatforms(`${plan} (${platform})`)
  return plan
}

/** The images of all platforms. If packages can't be installed for one, none is compiled. */
async function readyImages(
  request: EnvironmentRequest,
  repository: ImageRepository,
  plans: readonly DirectPlan[],
  folder: string
): Promise<readonly DirectImage[]> {
  const gate = new Gate(plans.length)
  const shared = { onInstalled: gate.pass, bytecode: new Bytecode(request.log) }
  const works = plans.map(async (plan, index) => {
    const path = join(folder, String(index))
    try {
      await mkdir(path)
      return await readyImage(request, repository, plan, path, shared)
    } catch (error) {
      const explained =
        error instanceof NotPure || error instanceof UnknownBase
          ? notForPlatforms(error.message)
          : withWheelHint(error, plan.read.platform)
      gate.fail(explained)
      throw explained
    }
  })
  return allEnded(works)
}

/** The hint for a package without a wheel: no daemon can build it for another platform. */
function withWheelHint(error: unknown, platform: string): unknown {
  if (!(error instanceof FlowstoreError) || !error.hint?.includes('builder')) return error
  const leftOut = platform === OWN_PLATFORM ? '' : `, or leave ${platform} out of platforms`
  return withHint(
    error,
    `Every package needs a wheel for ${platform}: pin a release that has one, name a base image that has the package${leftOut}.`
  )
}

/** Pushes the images, and the index under its tag. */
async function writeIndex(
  request: EnvironmentRequest,
  repository: ImageRepository,
  plans: readonly DirectPlan[],
  images: readonly DirectImage[]
): Promise<PlatformsResult> {
  const { client, path, name } = repository
  const { log, platforms } = request
  const written = await allEnded(images.map(image => writtenImage(image, request, repository)))
  const index = indexOf(
    written.flatMap(({ environment: { location } }) =>
      location.kind === 'registry' ? [location.image.own] : []
    )
  )
  const keys = environmentKeys(request, plans[0]?.read.digest ?? '')
  const { digest } = index.manifest
  await tagManifest(client, path, index.manifest, digest)
  log.info(`Environment ${keys.key}: pushed to ${name} for ${platforms.join(', ')}`)
  const image = await readImage(client, path, digest)
  const environment = image && environmentInRegistry(image, name, keys)
  if (!environment || index.platforms.map(platformIn).join() !== platforms.join()) {
    throw new Error(`the index of ${keys.key} can't be read`)
  }
  const tag = async () => {
    await Promise.all(written.map(each => each.tag()))
    await tagManifest(client, path, index.manifest, registryTag(keys.key))
  }
  return { environment, firstStart: await tagWhenStarted(images, tag) }
}
