import { FlowstoreError } from '../errors.js'
import { readFlowKeys } from '../image/labels.js'
import { readImage } from '../image/oci/read.js'
import type { ImageRepository } from '../image/repository.js'
import type { Options } from '../options/options.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { dockerCredentials } from '../registry/auth/credentials.js'
import { RegistryClient } from '../registry/client.js'
import { isSameRepository, isTag, parseReference } from '../registry/reference.js'
import { RegistryUnusable } from '../registry/unusable.js'
import type { FoundBuild, SettledBuild } from './load/loaded-build.js'
import { imageNameOf } from './inputs.js'
import type { Services, Surroundings } from './services.js'
import { tagsNamed } from './store/tags.js'

/** The image that flows are compared with. */
export interface Baseline {
  /** Its reference. */
  readonly name: string
  /** The keys of its flows, each with the flow's name. A key is of one flow only. */
  readonly keys: ReadonlyMap<string, string>
}

/**
 * Reads the image that the flows of a build are compared with: the one that `compare-with` names, else the first of
 * `tags`, as it is before the build moves the tag.
 *
 * @returns undefined if there is none, or if it can't be read: a notice says why
 */
export async function readBaseline(
  build: FoundBuild | SettledBuild,
  services: Services
): Promise<Baseline | undefined> {
  const { options } = build.inputs
  const wanted = await wantedBaseline(options, services)
  if (wanted === undefined) return undefined
  const name = baselineName(wanted, options, services)
  if (name === undefined) {
    noticeUnreadable(`the tag ${wanted}`, 'registry-url is not set', services)
    return undefined
  }
  try {
    const { keys, why } = await keysAt(name, build, services)
    if (keys !== undefined) return { name, keys }
    noticeUnreadable(name, why, services)
  } catch (error) {
    if (!(error instanceof FlowstoreError) && !(error instanceof RegistryUnusable)) throw error
    noticeUnreadable(
      name,
      error instanceof RegistryUnusable ? error.reason : error.message,
      services
    )
  }
  return undefined
}

const noticeUnreadable = (name: string, why: string, { log }: Services): void => {
  log.notice({
    level: 'notice',
    message: `every flow counts as changed: it can't be compared with ${name} (${why})`
  })
}

/** The tag or the image to compare with; undefined for none. */
async function wantedBaseline(
  options: Options,
  surroundings: Surroundings
): Promise<string | undefined> {
  const { compareWith, push, storage } = options
  if (compareWith !== undefined) return compareWith
  const isPushed = STORAGE_KINDS[storage].flowsIn === 'image' && push
  return isPushed ? (await tagsNamed(options, surroundings))[0] : undefined
}

/** The reference of a tag or an image; undefined for a tag without a registry. */
function baselineName(
  wanted: string,
  options: Options,
  surroundings: Surroundings
): string | undefined {
  if (!isTag(wanted)) return wanted
  const { registryUrl } = options
  return registryUrl && `${registryUrl}/${imageNameOf(options, surroundings)}:${wanted}`
}

/**
 * Refuses a registration of what changed if this build itself moves the tag that it compares with: after a failed
 * registration, the next run would find nothing to register.
 *
 * @throws FlowstoreError INVALID_OPTION
 */
export async function checkBaseline(options: Options, surroundings: Surroundings): Promise<void> {
  const { register, compareWith, imageTag } = options
  if (register === 'all' || compareWith === undefined) return
  const moved = [...(await tagsNamed(options, surroundings)), imageTag ?? '']
  const name = (wanted: string) => baselineName(wanted, options, surroundings) ?? wanted
  const tag = moved.find(one => one !== '' && name(one) === name(compareWith))
  if (tag === undefined) return
  throw new FlowstoreError(
    'INVALID_OPTION',
    `'register: changed' compares with the tag '${tag}', which this build moves before the flows are registered`,
    {
      hint: 'Set compare-with to a tag that the workflow moves after the registration, such as registered.'
    }
  )
}

type Keys =
  | { readonly keys: ReadonlyMap<string, string>; readonly why?: never }
  | { readonly keys?: never; readonly why: string }

async function keysAt(
  name: string,
  build: FoundBuild | SettledBuild,
  { env }: Services
): Promise<Keys> {
  const reference = parseReference(name)
  const known = repositoryOf(build)
  const client =
    known !== undefined && isSameRepository(known.reference, reference)
      ? known.client
      : new RegistryClient(reference.registry, await dockerCredentials(env)(reference.registry), {
          access: 'pull'
        })
  const version = reference.digest ?? reference.tag ?? 'latest'
  const image = await readImage(client, reference.repository, version)
  if (image === undefined) return { why: 'the registry does not have it' }
  return readFlowKeys(image.platforms[0]?.config.config?.Labels ?? {})
}

/** The repository that the build talks to already, so that no further login is needed. */
function repositoryOf(build: FoundBuild | SettledBuild): ImageRepository | undefined {
  if (build.kind === 'found') return build.found.repository
  const access = build.image?.registry
  return access?.kind === 'direct' ? access.repository : undefined
}
