import { resolve } from 'node:path'
import { connectDocker, connectOnce } from '../docker/connect.js'
import { DaemonError } from '../docker/daemon-error.js'
import type { Daemon } from '../docker/daemon.js'
import type { EnvironmentRequest } from '../environment/request.js'
import { FlowstoreError, withHint } from '../errors.js'
import { registryAccess, type RegistryAccess } from '../image/repository.js'
import type { Options } from '../options/options.js'
import { hasSeveralPlatforms } from '../options/platform-checks.js'
import { checkPython, newestSuitablePython } from '../environment/suitable-python.js'
import { isPythonVersion } from '../python/find-python.js'
import { prefectRequest } from '../packages/requirements.js'
import { defaultBaseImage } from '../prefect/install.js'
import { resolvePrefect } from '../prefect/resolve.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { rootBelowTop } from '../sources/sources.js'
import { environmentRequest } from './environment-request.js'
import {
  fullImageName,
  installedSources,
  outputFolder,
  projectName,
  type BuildInputs
} from './inputs.js'
import { limitsOf } from '../python/limits.js'
import type { Services } from './services.js'

/**
 * What a build has to find or make before it loads: the environment image, and the registry that its images go
 * to. When the environment image exists, the plan becomes a `PlannedImage`.
 */
export interface BuildPlan {
  readonly request: EnvironmentRequest
  readonly registry: RegistryAccess
}

/** The files that a storage in a module may choose, unless an option does. */
const MODULE_FILES = ['dockerfile', 'dockerignore'] as const

/**
 * Plans the environment image, and warns of files that are left out of it because git ignores them. Flows are
 * loaded in it, and docker storage adds them on top of it.
 *
 * @throws FlowstoreError MISSING_OPTION if no Prefect version is set
 */
export async function planBuild(inputs: BuildInputs, services: Services): Promise<BuildPlan> {
  const { options, requirements, pickledFlow } = inputs
  const { cwd, registries, log } = services
  const request = await environmentRequest({
    options,
    setByModules: MODULE_FILES.filter(
      name => options[name] !== undefined && !options.nonDefault.includes(name)
    ),
    baseImage: () => baseImageOf(inputs),
    requirements,
    pickledFlow,
    sources: await installedSources(inputs),
    project: projectName(options, services),
    workingDirectory: rootBelowTop(inputs.sources),
    importRoots: inputs.importRoots,
    cwd,
    output: outputFolder(options, cwd),
    hasFlows: STORAGE_KINDS[options.storage].flowsIn === 'image',
    refresh: options.refresh,
    registries,
    daemon: daemonConnection(options, services),
    ...builderOf(options),
    machine: services,
    secrets: services.secrets,
    findSecret: services.findSecret,
    indexes: services.indexes,
    limits: limitsOf(options),
    defer: services.defer,
    log
  })
  return { request, registry: await registryAccess(pushedName(options, services), registries) }
}

/** What builds the environment image. A load in the image needs the daemon in any case, which has one platform. */
function builderOf(options: Options): Pick<EnvironmentRequest, 'builder' | 'whyBuilder'> {
  const { builder, loadIn } = options
  if (hasSeveralPlatforms(options)) return { builder: 'direct' }
  return builder === 'auto' && loadIn === 'image'
    ? { builder: 'daemon', whyBuilder: 'flows are loaded in a container of it' }
    : { builder }
}

/** The base image that the options name, else Prefect's own image for its release. */
function baseImageOf({ options, requirements, pickledFlow }: BuildInputs): string {
  const { baseImage, prefectVersion, python } = options
  if (baseImage !== undefined) return baseImage
  const request = prefectRequest(prefectVersion, requirements, pickledFlow)
  const { version: prefect } = resolvePrefect(request, { kind: 'none', python })
  const use = { prefect, requirements }
  if (python !== undefined && isPythonVersion(python)) {
    checkPython(python, `the option 'python' is ${python}`, 'BASE_IMAGE_PYTHON', use)
  }
  return defaultBaseImage(prefect, python ?? newestSuitablePython(use))
}

/** Registry and name of the repository that the image is pushed to; undefined if it is not pushed. */
function pushedName(options: Options, services: Services): string | undefined {
  const { storage, push, registryUrl } = options
  return STORAGE_KINDS[storage].flowsIn === 'image' && push && registryUrl !== undefined
    ? fullImageName(options, services)
    : undefined
}

function daemonConnection(options: Options, { cwd, env }: Services): () => Promise<Daemon> {
  const { baseUrl, tlsConfig } = options
  const variables =
    tlsConfig === undefined
      ? env
      : { ...env, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: resolve(cwd, tlsConfig) }
  return connectOnce(() =>
    connectDocker(baseUrl, variables).catch((error: unknown) => {
      throw isAbsent(error) && canDoWithout(options)
        ? withHint(error, `${error.hint ?? ''} ${WITHOUT_DAEMON}`.trim())
        : error
    })
  )
}

const WITHOUT_DAEMON =
  'Or set load-in: runner, if this machine is meant to have none: then the image is built without it.'

const isAbsent = (error: unknown): error is FlowstoreError =>
  error instanceof FlowstoreError && !(error instanceof DaemonError)

/** Whether the daemon is needed only because flows are loaded in the image. */
const canDoWithout = ({ storage, loadIn, push, registryUrl }: Options): boolean =>
  STORAGE_KINDS[storage].flowsIn === 'image' &&
  loadIn === 'image' &&
  push &&
  registryUrl !== undefined
