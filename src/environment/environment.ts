import type { Daemon } from '../docker/daemon.js'
import type { NamedImage } from '../image/oci/image.js'
import type { RegistryAccess } from '../image/repository.js'
import { variablesOf } from '../image/image-variables.js'
import { readEnvironmentLabels, type EnvironmentFacts } from './environment-labels.js'
import type { FirstStart } from './first-start.js'

/** Where an environment image is. */
type EnvironmentLocation =
  /** In the registry that the image with flows goes to. */
  | { readonly kind: 'registry'; readonly image: NamedImage }
  /** In the daemon. */
  | { readonly kind: 'daemon' }

/** An existing environment image: base, Prefect, dependencies, files. */
export interface EnvironmentImage {
  readonly key: string
  /** Reference under which the daemon has it or can pull it. */
  readonly reference: string
  readonly location: EnvironmentLocation
  readonly facts: EnvironmentFacts
  /** The variables that it sets. */
  readonly variables: Readonly<Record<string, string>>
  /** The user of its processes; empty for root. */
  readonly user: string
}

/** The keys of an environment image. */
export interface EnvironmentKeys {
  readonly key: string
  /** The key of the image for this machine's platform: another one if the image is an index. */
  readonly own: string
}

/** The keys of an environment image of one platform. */
export const oneKey = (key: string): EnvironmentKeys => ({ key, own: key })

/** Tag of an environment image in the repository of the image with flows. */
export const registryTag = (key: string): string => `env-${key}`

/** Reference of an environment image in a daemon. */
export const daemonReference = (key: string): string => `flowstore-environment:${key}`

/**
 * Reads an environment image of a registry.
 *
 * @param repository name of its repository, with the registry
 * @returns undefined for an image whose labels don't match the key
 */
export function environmentInRegistry(
  image: NamedImage,
  repository: string,
  { key, own }: EnvironmentKeys
): EnvironmentImage | undefined {
  const { config } = image.own.config
  const facts = readEnvironmentLabels(config?.Labels ?? {}, own)
  if (facts === undefined) return undefined
  return {
    key,
    reference: `${repository}@${image.digest}`,
    location: { kind: 'registry', image },
    facts,
    variables: variablesOf(config?.['Env'] as string[] | undefined),
    user: (config?.['User'] as string | undefined) ?? ''
  }
}

/**
 * Finds the environment image of a key in the daemon.
 *
 * @returns undefined if there is none, or its labels don't match the key
 */
export async function environmentInDaemon(
  daemon: Pick<Daemon, 'inspect'>,
  key: string
): Promise<EnvironmentImage | undefined> {
  const reference = daemonReference(key)
  const image = await daemon.inspect(reference)
  if (image === undefined) return undefined
  const facts = readEnvironmentLabels(image.labels, key)
  if (facts === undefined) return undefined
  return {
    key,
    reference,
    location: { kind: 'daemon' },
    facts,
    variables: variablesOf(image.env),
    user: image.user
  }
}

/** Where an environment image came from, and why. */
export interface EnvironmentOrigin {
  /** What built it; null if it was found. */
  readonly builder: 'daemon' | 'direct' | null
  /** A clause. */
  readonly why: string
}

/** An environment image that was found or built. */
export interface MadeEnvironment extends EnvironmentResult<EnvironmentImage> {
  readonly origin: EnvironmentOrigin
  /** Whether the registry said at first that it does not have it; default false. */
  readonly wasAbsent?: boolean
  /** Undefined if nothing has to be started in it any more. */
  readonly firstStart?: FirstStart | undefined
}

/** An environment image, and the access to the registry, which a look-up may limit to the daemon. */
export interface EnvironmentResult<Environment extends EnvironmentImage | undefined> {
  readonly environment: Environment
  readonly registry: RegistryAccess
}
