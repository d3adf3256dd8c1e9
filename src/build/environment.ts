import { resolve } from 'node:path'
import { dockerFilter } from '../sources/sources.js'
import { baseDigest } from '../environment/base-digest.js'
import { ensureImage } from '../docker/ensure.js'
import {
  environmentInputs,
  environmentKey,
  localEnvironment,
  remoteEnvironment,
  type Environment,
  type EnvironmentInputs
} from '../environment/environment.js'
import { requirementLines } from '../packages/requirements.js'
import { defaultBaseImage } from '../prefect/install.js'
import { resolvePrefect } from '../prefect/resolve.js'
import type { UserBase } from '../environment/user-base.js'
import { dockerCredentials, type FindCredentials } from '../registry/credentials.js'
import { type Daemon, connectDocker } from '../docker/connect.js'
import { parsePlatform, platformOf } from '../util/platform.js'
import type { Run } from './inputs.js'
import { imageOf, targetOf, type Target } from './target.js'

/** What a run does about its image, before anything is done. */
export interface ImageWork {
  readonly inputs: EnvironmentInputs
  /** Reference of the base image; undefined where a Dockerfile of the user's makes it. */
  readonly base: string | undefined
  readonly target: Target | undefined
  readonly credentials: FindCredentials
  /** Connects when first asked. */
  readonly daemon: () => Promise<Daemon>
}

/** The tag of an environment image in the image's own repository. */
export const remoteTag = (key: string): string => `env-${key}`

/** The base image that the asked for Prefect has, where none is given. */
function baseFor({ options, requirements }: Run): string {
  const request = {
    option: options.prefectVersion,
    requirements: requirementLines(requirements).map(text => ({ text }))
  }
  return defaultBaseImage(resolvePrefect(request, { kind: 'none' }).version, options.python)
}

/** @throws FlowstoreError MISSING_OPTION where nothing says which Prefect to install */
export async function planImage(run: Run): Promise<ImageWork> {
  const { options, surroundings, sources, requirements } = run
  const { cwd, env } = surroundings
  const { dockerfile, dockerignore, tlsConfig } = options
  const base = dockerfile === undefined ? (options.baseImage ?? baseFor(run)) : undefined
  const credentials = dockerCredentials(env)
  const connection =
    tlsConfig === undefined
      ? env
      : { ...env, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: resolve(cwd, tlsConfig) }
  let connecting: Promise<Daemon> | undefined
  return {
    inputs: await environmentInputs({
      prefectVersion: options.prefectVersion,
      requirements,
      installer: options.installer,
      envVars: options.envVars,
      files: options.files,
      filter: await dockerFilter(cwd, dockerignore),
      extraCommands: options.extraDockerfileCommands,
      prefectDirectory: options.prefectDirectory,
      path: options.storage === 'docker' ? options.path : undefined,
      withoutFlows: options.storage !== 'docker',
      buildKwargs: { ...options.buildKwargs, ...(options.refresh ? { nocache: true } : {}) },
      sources
    }),
    base,
    target: await targetOf(run, credentials),
    credentials,
    daemon: () => (connecting ??= connectDocker(options.baseUrl, connection))
  }
}

/** The environment image that the registry has under a key. */
export async function inRegistry(
  { log }: Run,
  { target, inputs }: ImageWork,
  key: string
): Promise<Environment | undefined> {
  const remote = target && (await imageOf(target, remoteTag(key)))
  if (remote === undefined) return undefined
  const found = remoteEnvironment(remote, target?.name ?? '', key, inputs.buildKwargs)
  if (found === undefined) {
    log.notice({
      level: 'warning',
      message: `the image ${remoteTag(key)} in the registry does not say that it is the environment of that key: it is made anew`
    })
  }
  return found
}

/**
 * Digest that stands for the base image in keys, where it can be told without a build or a pull: for a
 * Dockerfile of the user's a hash of what goes into its image.
 */
export async function knownBase(run: Run, work: ImageWork): Promise<string | undefined> {
  const { base } = work
  return base === undefined
    ? (await knownUserBase(run, work))?.digest
    : baseDigest(work.daemon, base, run.options.localImage, work.credentials)
}

/** What can be told of the image of the user's Dockerfile without building it. */
export async function knownUserBase(
  { options, surroundings }: Run,
  { daemon, credentials }: ImageWork
): Promise<UserBase | undefined> {
  const { dockerfile: path, dockerignore, buildKwargs, localImage } = options
  if (path === undefined) return undefined
  const { userBase } = await import('../environment/user-base.js')
  return userBase({ path, cwd: surroundings.cwd, dockerignore, buildKwargs }, reference =>
    baseDigest(daemon, reference, localImage, credentials)
  )
}

/**
 * The environment image, where nothing has to be made, pulled or started to have it: from the registry
 * that the image goes to, or without a push from the daemon. Undefined also where it is to be made anew.
 */
export async function findEnvironment(run: Run, work: ImageWork): Promise<Environment | undefined> {
  const { log } = run
  const { inputs, target, daemon } = work
  const { buildKwargs } = inputs
  if (buildKwargs.nocache) return undefined
  const digest = await knownBase(run, work)
  if (digest === undefined) return undefined
  const { platform } = buildKwargs
  const key = environmentKey(
    inputs,
    digest,
    platform === undefined ? platformOf('linux', process.arch) : parsePlatform(platform)
  )
  const found =
    target && target.unsupported === undefined
      ? await inRegistry(run, work, key)
      : await localEnvironment(await daemon(), key, buildKwargs)
  if (found) {
    log.info(`Environment ${key}: ${found.remote ? 'the registry' : 'the daemon'} has it`)
  }
  return found
}

/** The environment image: found where it is, else made. */
export async function environmentOf(run: Run, work: ImageWork): Promise<Environment> {
  const found = await findEnvironment(run, work)
  if (found) return found
  // What makes is imported when something is to be made: a look-up is quick.
  const { makeEnvironment } = await import('./environment-image.js')
  return makeEnvironment(run, work)
}

/** Has an environment image in the daemon, pulled where it is in its registry only. */
export async function inDaemon(
  { image: reference, remote }: Environment,
  { daemon: connect, credentials }: ImageWork
): Promise<Daemon> {
  const daemon = await connect()
  if (remote !== undefined) {
    await ensureImage(daemon, {
      reference,
      findCredentials: credentials,
      what: 'the environment image',
      hint: (_words, registry) => `Log in to ${registry} (docker login).`
    })
  }
  return daemon
}
