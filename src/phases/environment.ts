import { resolve } from 'node:path'
import { dockerFilter } from '../discover/sources.js'
import { FlowstoreError } from '../errors.js'
import { baseImage } from '../image/base.js'
import { type Environment, environmentImage, planEnvironment } from '../image/environment.js'
import { checkPushAccess } from '../image/push.js'
import { userBaseImage } from '../image/user-dockerfile.js'
import { loadingPython } from '../load/environment.js'
import { interpreterPython } from '../load/interpreter.js'
import type { PythonPlace } from '../load/loader.js'
import { requirementLines } from '../load/requirements.js'
import { defaultBaseImage, pinnedPrefect } from '../prefect/rules.js'
import type { FindCredentials } from '../registry/credentials.js'
import type { FlowVersions } from '../storage/flow.js'
import { type Daemon, connectDocker } from '../util/docker.js'
import { type Run, imageName } from './discover.js'
import { minorOf } from '../util/version.js'

/** An environment image and the daemon that has it. */
export interface ImageEnvironment {
  readonly daemon: Daemon
  readonly environment: Environment
}

/** Has the environment image in the daemon; what would fail later for sure fails here first. */
export async function imageEnvironment(
  run: Run,
  credentials: FindCredentials
): Promise<ImageEnvironment> {
  const { options, surroundings, log, sources, requirements } = run
  const version = options.prefectVersion ?? pinnedPrefect(requirementLines(requirements))
  const named = options.baseImage !== undefined || options.dockerfile !== undefined
  if (!named && version === undefined) {
    throw new FlowstoreError(
      'MISSING_OPTION',
      "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given",
      {
        hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
      }
    )
  }
  const { cwd, env } = surroundings
  const daemon = await connectDocker(options.baseUrl, {
    ...env,
    ...(options.tlsConfig === undefined
      ? {}
      : { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: resolve(cwd, options.tlsConfig) })
  })
  if (options.storage === 'docker' && options.push && options.registryUrl !== undefined) {
    await checkPushAccess(`${options.registryUrl}/${imageName(run)}`, credentials)
  }
  const { dockerfile, dockerignore, buildKwargs } = options
  const base =
    dockerfile === undefined
      ? await baseImage(
          daemon,
          options.baseImage ?? defaultBaseImage(version ?? '', options.python),
          options.localImage,
          credentials,
          log,
          buildKwargs.platform
        )
      : await userBaseImage(daemon, { path: dockerfile, cwd, dockerignore, buildKwargs }, log)
  const plan = await planEnvironment(
    {
      base,
      prefectVersion: options.prefectVersion,
      requirements,
      envVars: options.envVars,
      files: options.files,
      filter: await dockerFilter(cwd, dockerignore),
      extraCommands: options.extraDockerfileCommands,
      prefectDirectory: options.prefectDirectory,
      path: options.path,
      withoutFlows: options.storage !== 'docker',
      buildKwargs,
      sources
    },
    log
  )
  return { daemon, environment: await environmentImage(daemon, plan, log) }
}

/** Python on this machine; for an image one that is like the image's. */
export async function runnerPython(
  run: Run,
  image: ImageEnvironment | undefined
): Promise<PythonPlace> {
  const { options, surroundings, log, sources, requirements } = run
  const { cwd, env, cache } = surroundings
  const imagePython = image && minorOf(image.environment.base.versions.python)
  const python = await loadingPython(
    {
      python: options.python ?? imagePython,
      prefectVersion: image?.environment.prefect ?? options.prefectVersion,
      requirements,
      sources,
      cwd,
      env,
      cache
    },
    log
  )
  return interpreterPython({ python, sources, env, envVars: options.envVars })
}

/** A flow loads in the image only where what made it is what reads it. */
export function requireSame(made: FlowVersions, image: FlowVersions): void {
  const differs = (
    [
      ['Python', minorOf(made.python), minorOf(image.python)],
      ['Prefect', made.prefect, image.prefect],
      ['cloudpickle', made.cloudpickle, image.cloudpickle]
    ] as const
  ).filter(([, one, other]) => one !== other)
  if (differs.length === 0) return
  throw new FlowstoreError(
    'VERSION_MISMATCH',
    `the runner and the image differ: ${differs.map(([what, one, other]) => `${what} ${one} and ${other}`).join(', ')}`,
    {
      hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    }
  )
}
