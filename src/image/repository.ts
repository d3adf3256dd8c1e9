import { BadContent, type RegistryClient } from '../registry/client.js'
import { parseReference, type RepositoryName } from '../registry/reference.js'
import { isLogin, pushRefused } from '../registry/refusal.js'
import type { Registries } from '../registry/registries.js'
import { RegistryUnusable } from '../registry/unusable.js'
import { layersOf, type NamedImage } from './oci/image.js'
import { IncompleteIndex } from './oci/incomplete-index.js'
import { checkLayers, readNamed, readPlatforms } from './oci/read.js'

/** A repository of images in a registry. */
export interface ImageRepository {
  readonly reference: RepositoryName
  /** Registry and path, such as `ghcr.io/acme/flows`. */
  readonly name: string
  /** Path below the registry, such as `acme/flows`. */
  readonly path: string
  readonly client: RegistryClient
}

/**
 * The repository that images are pushed to.
 *
 * @param name registry and path
 * @throws FlowstoreError INVALID_REFERENCE, and REGISTRY for an unusable docker configuration
 */
export async function imageRepository(
  name: string,
  registries: Registries
): Promise<ImageRepository> {
  const { registry, repository } = parseReference(name)
  const client = await registries.client(registry, 'pull,push')
  return { reference: { registry, repository }, name, path: repository, client }
}

/** How a build accesses the repository of its image. */
export type RegistryAccess =
  /** The image is not pushed. */
  | { readonly kind: 'none' }
  /** Through the registry's API, from here. */
  | { readonly kind: 'direct'; readonly repository: ImageRepository }
  /** Only through the daemon. */
  | { readonly kind: 'daemon'; readonly repository: ImageRepository; readonly reason: string }

/**
 * Direct access to the repository that an image is pushed to.
 *
 * @param name registry and path; undefined for an image that is not pushed
 * @throws what {@link imageRepository} throws
 */
export async function registryAccess(
  name: string | undefined,
  registries: Registries
): Promise<RegistryAccess> {
  if (name === undefined) return { kind: 'none' }
  return { kind: 'direct', repository: await imageRepository(name, registries) }
}

/** The result of looking up a tag. */
export type ImageLookup =
  | { readonly kind: 'found'; readonly image: NamedImage }
  /** Also for an image that lacks a part, or has a wrong one: then with the reason, as a clause. */
  | { readonly kind: 'absent'; readonly why?: string }
  /** The registry can't be used from here; the daemon may still reach it. */
  | { readonly kind: 'unusable'; readonly reason: string }

/**
 * Looks an image up by its tag.
 *
 * @param topLayers how many of its layers, from the top, have to be there too: see `readNamed`. Default none
 * @throws FlowstoreError REGISTRY, and PUSH_REFUSED if a push would be refused too: the push is what the user
 * asked for
 */
export async function lookUpImage(
  { client, path }: ImageRepository,
  tag: string,
  topLayers?: number
): Promise<ImageLookup> {
  try {
    const image = await readNamed(client, path, tag, topLayers)
    return image === undefined ? { kind: 'absent' } : { kind: 'found', image }
  } catch (error) {
    const why = whyIncomplete(error)
    if (why !== undefined) return { kind: 'absent', why }
    if (error instanceof RegistryUnusable) return { kind: 'unusable', reason: error.reason }
    // A failure of this request is ignored: the error of the read is reported.
    const refusal = await client.pushRefusal(path).catch(() => undefined)
    if (refusal && isLogin(refusal.status)) throw pushRefused(client.registry, path, refusal, error)
    throw error
  }
}

/** What a registry lost of an image, as a clause; undefined for an error of any other kind. */
function whyIncomplete(error: unknown): string | undefined {
  if (error instanceof IncompleteIndex) return error.reason
  return error instanceof BadContent ? error.message : undefined
}

/**
 * What the registry lost of an image that was looked up, as a clause; undefined if it has every layer, of every platform,
 * and if it can't be asked from here.
 *
 * @throws FlowstoreError REGISTRY
 */
export async function whatIsLost(
  { client, path }: ImageRepository,
  image: NamedImage
): Promise<string | undefined> {
  try {
    const { platforms } = await readPlatforms(client, path, image)
    await checkLayers(client, path, platforms.flatMap(layersOf))
    return undefined
  } catch (error) {
    const why = whyIncomplete(error)
    if (why === undefined && !(error instanceof RegistryUnusable)) throw error
    return why
  }
}
