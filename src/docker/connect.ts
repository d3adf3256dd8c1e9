import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type Dockerode from 'dockerode'
import { FlowstoreError } from '../errors.js'
import { dockerFolder } from '../registry/docker-folder.js'
import { Engine, type EngineAddress } from './engine.js'

/** A Docker daemon that answered. */
export interface Daemon {
  readonly engine: Engine
  /** A client of all of its API, loaded when first asked for. */
  readonly docker: () => Promise<Dockerode>
  /** The URL it was reached at. */
  readonly url: string
}

/** The environment variables that say where the daemon is: DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH. */
export type DockerEnvironment = Readonly<Record<string, string | undefined>>

/** The platform's own socket, as the docker client has it. */
const defaultUrl = (platform: NodeJS.Platform): string =>
  platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock'

/** What a daemon with TLS is spoken to with. */
interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const TLS_HINT =
  'tls-config (or DOCKER_CERT_PATH) is the folder with the ca.pem, cert.pem and key.pem of this daemon.'

/** @throws FlowstoreError DAEMON that names the file which is no certificate or key */
async function readCertificates(folder: string): Promise<Certificates> {
  const read = async <T>(name: string, parse: (text: string) => T) => {
    const path = join(folder, name)
    try {
      const text = await readFile(path, 'utf8')
      return { text, parsed: parse(text) }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const reason = code === 'ENOENT' ? 'there is no such file' : message
      throw new FlowstoreError('DAEMON', `${path} can't be used for TLS: ${reason}`, {
        hint: TLS_HINT,
        cause: error
      })
    }
  }
  const certificate = (text: string) => new X509Certificate(text)
  const ca = await read('ca.pem', certificate)
  const cert = await read('cert.pem', certificate)
  const key = await read('key.pem', createPrivateKey)
  if (!cert.parsed.checkPrivateKey(key.parsed)) {
    throw new FlowstoreError(
      'DAEMON',
      `${join(folder, 'key.pem')} is not the key of the cert.pem beside it`,
      { hint: TLS_HINT }
    )
  }
  return { ca: ca.text, cert: cert.text, key: key.text }
}

/** Which file a failure of TLS is about; nothing where it is about none. */
function blamedFile(error: NodeJS.ErrnoException, folder: string): string | undefined {
  const { code = '', message } = error
  // A daemon tells a client by an alert that it does not trust it; some only hang up.
  if (/\balert\b/.test(message) || code === 'ECONNRESET') {
    return `the daemon does not take ${join(folder, 'cert.pem')}`
  }
  return /CERT|ISSUER|VERIFY_LEAF/.test(code) && !code.startsWith('ERR_TLS_CERT_ALTNAME')
    ? `${join(folder, 'ca.pem')} did not sign the daemon's certificate`
    : undefined
}

/** Where the certificates are: said, or as the docker client has it beside its configuration. */
function certificatesFolder(env: DockerEnvironment): string | undefined {
  if (env['DOCKER_CERT_PATH']) return env['DOCKER_CERT_PATH']
  const folder = dockerFolder(env)
  return existsSync(join(folder, 'ca.pem')) ? folder : undefined
}

async function connectionOptions(url: string, env: DockerEnvironment): Promise<EngineAddress> {
  // Prefect writes unix://var/run/docker.sock, without the third slash.
  const socket = /^unix:\/\/\/?(.+)$/.exec(url)
  if (socket?.[1]) return { socketPath: `/${socket[1]}` }
  const pipe = /^npipe:\/\/(.+)$/.exec(url)
  if (pipe?.[1]) return { socketPath: pipe[1] }
  const host = new URL(url.includes('://') ? url : `tcp://${url}`)
  if (!['tcp:', 'http:', 'https:'].includes(host.protocol)) {
    throw new Error(`'${host.protocol}//' is not supported; use unix://, npipe:// or tcp://`)
  }
  const tls = host.protocol === 'https:' || !['', '0', undefined].includes(env['DOCKER_TLS_VERIFY'])
  const options: EngineAddress = {
    // An IPv6 address stands in brackets in a URL alone.
    host: host.hostname.replace(/^\[|\]$/g, ''),
    port: host.port === '' ? (tls ? 2376 : 2375) : host.port,
    protocol: tls ? 'https' : 'http'
  }
  const folder = tls ? certificatesFolder(env) : undefined
  if (folder === undefined) return options
  return { ...options, ...(await readCertificates(folder)) }
}

/**
 * Connects to a Docker daemon and makes sure that it answers.
 *
 * @param baseUrl the option `base-url`; default DOCKER_HOST, then the platform's socket
 * @param env the variables of the docker client
 * @throws FlowstoreError DAEMON, saying what was tried
 */
export async function connectDocker(
  baseUrl: string | undefined,
  env: DockerEnvironment,
  platform: NodeJS.Platform = process.platform
): Promise<Daemon> {
  const [url, source] =
    baseUrl !== undefined
      ? [baseUrl, 'base-url']
      : env['DOCKER_HOST']
        ? [env['DOCKER_HOST'], 'DOCKER_HOST']
        : [defaultUrl(platform), "the platform's default"]
  let options: EngineAddress | undefined
  try {
    const address = (options = await connectionOptions(url, env))
    const engine = new Engine(address)
    await engine.open({ method: 'GET', path: '/_ping' }).then(answer => answer.resume())
    const docker = async () => new (await import('dockerode')).default(address)
    return { engine, docker, url }
  } catch (error) {
    if (error instanceof FlowstoreError) throw error
    const reason = error instanceof Error ? error.message.trim() || error.name : String(error)
    const folder = certificatesFolder(env)
    const blamed =
      options?.cert === undefined || folder === undefined
        ? undefined
        : blamedFile(error as NodeJS.ErrnoException, folder)
    throw new FlowstoreError(
      'DAEMON',
      `no Docker daemon answers at ${url} (${source}): ${blamed === undefined ? reason : `${blamed} (${reason})`}`,
      {
        hint:
          blamed === undefined
            ? 'Start Docker, or say where it is with base-url or DOCKER_HOST.'
            : TLS_HINT,
        cause: error
      }
    )
  }
}
