import {
  certificatesFolder,
  readCertificates,
  type Certificates,
  type DockerEnvironment
} from './certificates.js'

/** The address of a Docker daemon. */
export type EngineAddress =
  | {
      readonly kind: 'socket'
      /** Path of a Unix socket or a Windows named pipe. */
      readonly path: string
    }
  | { readonly kind: 'http'; readonly host: string; readonly port: string }
  | {
      readonly kind: 'https'
      readonly host: string
      readonly port: string
      /**
       * Undefined if there are none: then the daemon must not require any, and the system must trust its
       * certificate.
       */
      readonly certificates: Certificates | undefined
    }

/** The URL of a daemon, and its source, for messages. */
export interface EngineUrl {
  readonly url: string
  /** `base-url`, `DOCKER_HOST` or the platform's default. */
  readonly source: string
}

/** An address in the form of Node's requests and dockerode. */
export interface ConnectionOptions {
  readonly socketPath?: string
  readonly host?: string
  readonly port?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The socket that the docker client connects to by default. */
const defaultUrl = (platform: NodeJS.Platform): string =>
  platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock'

/**
 * Chooses the daemon's URL.
 *
 * @param baseUrl the option `base-url`; default DOCKER_HOST, then the platform's socket
 */
export function engineUrl(
  baseUrl: string | undefined,
  env: DockerEnvironment,
  platform: NodeJS.Platform
): EngineUrl {
  if (baseUrl !== undefined) return { url: baseUrl, source: 'base-url' }
  const host = env['DOCKER_HOST']
  if (host) return { url: host, source: 'DOCKER_HOST' }
  return { url: defaultUrl(platform), source: "the platform's default" }
}

/**
 * Reads a daemon's URL, and the certificates for one with TLS.
 *
 * @throws Error for an unusable URL; FlowstoreError DAEMON for unusable certificates
 */
export async function engineAddress(url: string, env: DockerEnvironment): Promise<EngineAddress> {
  // Prefect writes unix://var/run/docker.sock, without the third slash.
  const socket = /^unix:\/\/\/?(.+)$/.exec(url)
  if (socket?.[1]) return { kind: 'socket', path: `/${socket[1]}` }
  const pipe = /^npipe:\/\/(.+)$/.exec(url)
  if (pipe?.[1]) return { kind: 'socket', path: pipe[1] }
  const { protocol, hostname, port } = new URL(url.includes('://') ? url : `tcp://${url}`)
  if (!['tcp:', 'http:', 'https:'].includes(protocol)) {
    throw new Error(`'${protocol}//' is not supported; use unix://, npipe:// or tcp://`)
  }
  // An IPv6 address is in brackets only in a URL.
  const host = hostname.replace(/^\[|\]$/g, '')
  const isVerified = !['', '0', undefined].includes(env['DOCKER_TLS_VERIFY'])
  if (protocol !== 'https:' && !isVerified) return { kind: 'http', host, port: port || '2375' }
  const folder = await certificatesFolder(env)
  const certificates = folder === undefined ? undefined : await readCertificates(folder)
  return { kind: 'https', host, port: port || '2376', certificates }
}

/** An address in the form that Node's requests and dockerode take. */
export function connectionOptions(address: EngineAddress): ConnectionOptions {
  if (address.kind === 'socket') return { socketPath: address.path }
  const { host, port } = address
  if (address.kind === 'http' || address.certificates === undefined) return { host, port }
  const { ca, cert, key } = address.certificates
  return { host, port, ca, cert, key }
}
