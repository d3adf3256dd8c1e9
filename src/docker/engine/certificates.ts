import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import { dockerFolder } from '../../registry/auth/docker-folder.js'

/** The environment variables of the docker client: DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH. */
export type DockerEnvironment = Readonly<Record<string, string | undefined>>

/** The certificates for a daemon with TLS, as the texts of PEM files. */
export interface Certificates {
  /** The folder that they were read from. */
  readonly folder: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** The hint for unusable certificates. */
export const CERTIFICATES_HINT =
  'tls-config (or DOCKER_CERT_PATH) is the folder with the ca.pem, cert.pem and key.pem of this daemon.'

const unusable = (message: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('DAEMON', message, { hint: CERTIFICATES_HINT, cause })

const unusableFile = (path: string, error: unknown): FlowstoreError => {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = code === 'ENOENT' ? 'there is no such file' : message
  return unusable(`${path} can't be used for TLS: ${reason}`, error)
}

/**
 * The folder with the daemon's certificates: DOCKER_CERT_PATH, else the docker client's folder if it has a
 * `ca.pem`.
 *
 * @returns undefined if there are no certificates
 * @throws FlowstoreError DAEMON if the docker client's folder can't be read
 */
export async function certificatesFolder(env: DockerEnvironment): Promise<string | undefined> {
  if (env['DOCKER_CERT_PATH']) return env['DOCKER_CERT_PATH']
  const folder = dockerFolder(env)
  const ca = join(folder, 'ca.pem')
  try {
    await stat(ca)
    return folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusableFile(ca, error)
  }
}

async function readPem<T>(path: string, parse: (text: string) => T) {
  try {
    const text = await readFile(path, 'utf8')
    return { text, parsed: parse(text) }
  } catch (error) {
    throw unusableFile(path, error)
  }
}

/**
 * Reads ca.pem, cert.pem and key.pem.
 *
 * @throws FlowstoreError DAEMON that names the file that is not a certificate or key
 */
export async function readCertificates(folder: string): Promise<Certificates> {
  const certificate = (text: string) => new X509Certificate(text)
  const ca = await readPem(join(folder, 'ca.pem'), certificate)
  const cert = await readPem(join(folder, 'cert.pem'), certificate)
  const key = await readPem(join(folder, 'key.pem'), createPrivateKey)
  if (!cert.parsed.checkPrivateKey(key.parsed)) {
    throw unusable(`${join(folder, 'key.pem')} is not the key of the cert.pem beside it`)
  }
  return { folder, ca: ca.text, cert: cert.text, key: key.text }
}

/**
 * Finds the certificate that made a connection fail.
 *
 * @param error the error of the system or of TLS
 * @returns a clause that names the file; undefined for a failure of another kind
 */
export function certificateFault(
  error: NodeJS.ErrnoException,
  { folder }: Certificates
): string | undefined {
  const { code = '', message } = error
  // A daemon that does not trust the client sends an alert or closes the connection.
  if (/\balert\b/.test(message) || code === 'ECONNRESET') {
    return `the daemon does not accept ${join(folder, 'cert.pem')}`
  }
  return /CERT|ISSUER|VERIFY_LEAF/.test(code) && !code.startsWith('ERR_TLS_CERT_ALTNAME')
    ? `${join(folder, 'ca.pem')} did not sign the daemon's certificate`
    : undefined
}
