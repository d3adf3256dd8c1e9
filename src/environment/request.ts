import type { Daemon } from '../docker/daemon.js'
import type { ImageBuild } from '../docker/image-build.js'
import type { Log } from '../log.js'
import type { Limits } from '../python/limits.js'
import type { FindCredentials } from '../registry/auth/credentials.js'
import type { Registries } from '../registry/registries.js'
import { parseReference } from '../registry/reference.js'
import { baseDigest } from './base/base-digest.js'
import { dockerfileDigest, type DockerfileDigest } from './base/dockerfile-digest.js'
import type { UserDockerfile } from './base/dockerfile-context.js'
import type { EnvironmentImage } from './environment.js'
import type { PreparedRecipe } from './recipe.js'
import type { Scope } from '../util/scope.js'
import type { FindSecret } from '../util/secret-search.js'

/** The base of an environment image. */
export type BaseRequest =
  | { readonly kind: 'image'; readonly reference: string }
  /** The image of the user's Dockerfile. */
  | { readonly kind: 'dockerfile'; readonly dockerfile: UserDockerfile }

/** The environment image that a build needs, with everything to find or build it. */
export interface EnvironmentRequest {
  readonly prepared: PreparedRecipe
  /** Its platforms, `os/architecture` each, sorted: with several, it is an index of an image of each. */
  readonly platforms: readonly string[]
  readonly base: BaseRequest
  /** Whether base images are taken from the daemon's images and never pulled. */
  readonly localImage: boolean
  readonly registries: Registries
  /** Connects on first use. */
  readonly daemon: () => Promise<Daemon>
  /** What builds it; `auto` is the daemon if there is one. */
  readonly builder: Builder
  /** Why that one, as a clause; default that the option says so. */
  readonly whyBuilder?: string | undefined
  /** This machine, for a build without a daemon. */
  readonly machine: BuildingMachine
  /** The secrets of the daemon's builds: {@link ImageBuild.secrets}. */
  readonly secrets: NonNullable<ImageBuild['secrets']>
  /** Finds the secrets that the run knows of: no image may have them. Undefined if it knows none. */
  readonly findSecret: FindSecret | undefined
  /** What a load or a check in the image may take. */
  readonly limits: Limits
  /** Registers work to do when the build ends. */
  readonly defer: Scope['defer']
  readonly log: Log
}

/** What builds an environment image. */
export type Builder = 'auto' | 'direct' | 'daemon'

/** The machine that installs packages for an image. */
export interface BuildingMachine {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Cache folder. */
  readonly cache: string
  /** The working directory. */
  readonly cwd: string
  /** Files that the code of a project must not read, absolute. */
  readonly secretPaths: readonly string[]
}

/** The digest of a user's Dockerfile without a build; undefined if only a build can tell. */
export function knownDockerfileDigest(
  { daemon, localImage, registries }: EnvironmentRequest,
  dockerfile: UserDockerfile
): Promise<DockerfileDigest | undefined> {
  return dockerfileDigest(dockerfile, reference =>
    baseDigest(daemon, reference, localImage, registries)
  )
}

/**
 * Digest of the base image for keys; undefined if only a build or a pull can tell. For a user's Dockerfile it
 * is a hash of its inputs.
 */
export async function knownBaseDigest(request: EnvironmentRequest): Promise<string | undefined> {
  const { base, daemon, localImage, registries } = request
  if (base.kind === 'image') return baseDigest(daemon, base.reference, localImage, registries)
  return (await knownDockerfileDigest(request, base.dockerfile))?.digest
}

/** Connects to the daemon, and pulls an environment image that only the registry has. */
export async function daemonWith(
  { reference, location }: EnvironmentImage,
  { daemon: connect, registries, log }: Pick<EnvironmentRequest, 'daemon' | 'registries' | 'log'>
): Promise<Daemon> {
  const daemon = await connect()
  if (location.kind === 'registry') {
    await ensureImage(daemon, reference, 'the environment image', registries.credentials, log)
  }
  return daemon
}

/** Pulls an image of this project, unless the daemon has it. */
export const ensureImage = (
  daemon: Daemon,
  reference: string,
  what: string,
  credentials: FindCredentials,
  log: Log
): Promise<void> =>
  daemon.ensure({
    reference: parseReference(reference),
    findCredentials: credentials,
    what,
    hint: (_words, registry) => `Log in to ${registry} (docker login).`,
    onProgress: log.progress.bind(log)
  })
