import { resolve } from 'node:path'
import { connectDocker } from '../docker/connect.js'
import type { Daemon } from '../docker/daemon.js'
import { filesNotices, prepareRecipe } from '../environment/recipe.js'
import type { BaseRequest, EnvironmentRequest } from '../environment/request.js'
import { imageRepository, type RegistryAccess } from '../image/repository.js'
import type { EnvironmentOptions } from '../options/identity.js'
import type { Options } from '../options/options.js'
import { prefectRequest, type Requirements } from '../packages/requirements.js'
import { defaultBaseImage } from '../prefect/install.js'
import { resolvePrefect } from '../prefect/resolve.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { dockerCredentials, type FindCredentials } from '../registry/auth/credentials.js'
import { readDockerIgnore } from '../sources/ignore.js'
import { imageNameOf, type BuildInputs } from './inputs.js'
import type { Services } from './services.js'

/** The environment image that a build needs, and the registry that its images go to. */
export interface ImagePlan {
  readonly request: EnvironmentRequest
  readonly registry: RegistryAccess
}

/**
 * Plans the environment image, and warns of files that are left out of it because git ignores them. Flows are loaded in it, and docker storage adds them on top of it.
 *
 * @throws FlowstoreError MISSING_OPTION if no Prefect version is set
 */
export async function planImage(inputs: BuildInputs, services: Services): Promise<ImagePlan> {
  const { options, sources, requirements } = inputs
  const { cwd, env, log } = services
  // With this type, the recipe can use only options that `sameEnvironment` compares.
  const environment: EnvironmentOptions = options
  const hasFlows = STORAGE_KINDS[options.storage].flowsIn === 'image'
  const base = baseOf(environment, requirements, cwd, options.python)
  const credentials = dockerCredentials(env)
  const prepared = await prepareRecipe({
    prefectVersion: environment.prefectVersion,
    requirements,
    installer: environment.installer,
    envVars: environment.envVars,
    files: environment.files,
    dockerIgnore: await readDockerIgnore(cwd, environment.dockerignore),
    extraCommands: environment.extraDockerfileCommands,
    prefectDirectory: environment.prefectDirectory,
    path: hasFlows ? environment.path : undefined,
    withoutFlows: !hasFlows,
    buildKwargs: {
      ...environment.buildKwargs,
      ...(options.refresh && { nocache: true })
    },
    sources
  })
  for (const notice of filesNotices(prepared)) log.notice(notice)
  const daemon = daemonConnection(options, services)
  return {
    request: { prepared, base, localImage: environment.localImage, credentials, daemon, log },
    registry: await registryOf(options, services, credentials)
  }
}

function baseOf(
  { baseImage, dockerfile: path, dockerignore, buildKwargs, prefectVersion }: EnvironmentOptions,
  requirements: Requirements,
  cwd: string,
  python: string | undefined
): BaseRequest {
  if (path !== undefined) {
    return { kind: 'dockerfile', dockerfile: { path, cwd, dockerignore, buildKwargs } }
  }
  if (baseImage !== undefined) return { kind: 'image', reference: baseImage }
  const request = prefectRequest(prefectVersion, requirements)
  const { version } = resolvePrefect(request, { kind: 'none' })
  return { kind: 'image', reference: defaultBaseImage(version, python) }
}

async function registryOf(
  options: Options,
  services: Services,
  credentials: FindCredentials
): Promise<RegistryAccess> {
  const { storage, push, registryUrl } = options
  if (STORAGE_KINDS[storage].flowsIn !== 'image' || !push || registryUrl === undefined) {
    return { kind: 'none' }
  }
  const name = `${registryUrl}/${imageNameOf(options, services)}`
  return { kind: 'direct', repository: await imageRepository(name, credentials) }
}

/** Connects to the daemon on first use, once. */
function daemonConnection(
  { baseUrl, tlsConfig }: Options,
  { cwd, env }: Services
): () => Promise<Daemon> {
  const variables =
    tlsConfig === undefined
      ? env
      : { ...env, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: resolve(cwd, tlsConfig) }
  let connection: Promise<Daemon> | undefined
  return () => (connection ??= connectDocker(baseUrl, variables))
}
