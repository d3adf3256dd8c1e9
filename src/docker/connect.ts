import { FlowstoreError } from '../errors.js'
import { Daemon } from './daemon.js'
import { engineAddress, engineUrl, type EngineAddress, type EngineUrl } from './engine/address.js'
import {
  certificateFault,
  CERTIFICATES_HINT,
  type DockerEnvironment
} from './engine/certificates.js'
import { timeLimits } from './engine/time-limits.js'
import { DaemonError } from './daemon-error.js'

export type { Daemon }

/**
 * Connects to a Docker daemon and checks that it answers.
 *
 * @param baseUrl the option `base-url`; default DOCKER_HOST, then the platform's socket
 * @param env the variables of the docker client
 * @throws FlowstoreError DAEMON, saying what was tried; a {@link DaemonError} if a daemon answers
 * with a failure
 */
export async function connectDocker(
  baseUrl: string | undefined,
  env: DockerEnvironment,
  platform: NodeJS.Platform = process.platform
): Promise<Daemon> {
  const target = engineUrl(baseUrl, env, platform)
  const address = await addressOf(target, env)
  const daemon = new Daemon(target.url, address, timeLimits(env['DOCKER_CLIENT_TIMEOUT']))
  try {
    await daemon.ping()
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error
    throw pingFailure(target, address, error)
  }
  return daemon
}

/** Connects on first use, and only once. */
export function connectOnce(connect: () => Promise<Daemon>): () => Promise<Daemon> {
  let connection: Promise<Daemon> | undefined
  return () => (connection ??= connect())
}

async function addressOf(target: EngineUrl, env: DockerEnvironment): Promise<EngineAddress> {
  try {
    return await engineAddress(target.url, env)
  } catch (error) {
    if (error instanceof FlowstoreError) throw error
    throw noDaemon(target, (error as Error).message, error)
  }
}

function pingFailure(
  target: EngineUrl,
  address: EngineAddress,
  error: DaemonError
): FlowstoreError {
  const { words, status, cause } = error
  if (status !== undefined) {
    const hint = `The answer is from the daemon at ${target.url} (${target.source}), or from a proxy in front of it.`
    return new DaemonError(words, { status, cause: error, hint })
  }
  const certificates = address.kind === 'https' ? address.certificates : undefined
  const fault =
    cause === undefined || certificates === undefined
      ? undefined
      : certificateFault(cause as NodeJS.ErrnoException, certificates)
  if (fault === undefined) return noDaemon(target, words, error)
  return noDaemon(target, `${fault} (${words})`, error, CERTIFICATES_HINT)
}

const noDaemon = (
  { url, source }: EngineUrl,
  reason: string,
  cause: unknown,
  hint = 'Start Docker, or set base-url or DOCKER_HOST to its address.'
): FlowstoreError =>
  new FlowstoreError('DAEMON', `no Docker daemon answers at ${url} (${source}): ${reason}`, {
    hint,
    cause
  })
