import { readFileSync } from 'node:fs'
import { FlowstoreError } from '../errors.js'
import type { Trust } from '../http/send.js'
import { isAbsent, readFault } from '../util/files.js'
import * as z from '../util/schema.js'

/** Where Prefect's API is, and the login for it. */
export interface ApiAddress {
  /** The address without a slash at its end and without a login, such as `http://127.0.0.1:4200/api`. */
  readonly url: string
  /** The value of the Authorization header; undefined for none. */
  readonly authorization: string | undefined
  readonly isCloud: boolean
  /** Headers of every request, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Which certificates are trusted; undefined for those that Node trusts. */
  readonly trust: Trust | undefined
  /** Milliseconds for an answer. */
  readonly timeout: number
  /** Values that must not be printed. */
  readonly secrets: readonly string[]
}

const CLOUD = 'https://api.prefect.cloud/api'
const TIMEOUT = 60_000

/** Headers that Prefect's client does not let be overridden. */
const OWN_HEADERS = ['user-agent', 'prefect-csrf-token', 'prefect-csrf-client']

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`

/** The login of the environment, as Prefect's own client sends it: the key first. */
function authorizationOf(
  { PREFECT_API_KEY: key, PREFECT_API_AUTH_STRING: login }: NodeJS.ProcessEnv,
  url: URL
): string | undefined {
  if (key) return `Bearer ${key.trim()}`
  if (login) return basic(login.trim())
  const { username, password } = url
  return username === ''
    ? undefined
    : basic(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
}

const invalid = (variable: string, why: string, hint: string, cause?: unknown): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', `the variable ${variable} ${why}`, { hint, cause })

/** The headers that a proxy in front of the server wants. */
function customHeaders({
  PREFECT_CLIENT_CUSTOM_HEADERS: text
}: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  if (!text?.trim()) return {}
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const { data } = z.record(z.string(), z.string()).safeParse(json)
  // No value may end a header.
  if (
    data === undefined ||
    Object.entries(data)
      .flat()
      .some(part => /[\r\n\0]/.test(part))
  ) {
    throw invalid(
      'PREFECT_CLIENT_CUSTOM_HEADERS',
      'is no JSON object of texts',
      'It looks like {"X-Proxy-Token": "value"}.'
    )
  }
  const headers = Object.entries(data).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(headers.filter(([name]) => !OWN_HEADERS.includes(name)))
}

const isTrue = (text: string | undefined): boolean =>
  /^(true|t|yes|y|on|1)$/i.test(text?.trim() ?? '')

function trustOf(env: NodeJS.ProcessEnv): Trust | undefined {
  if (isTrue(env['PREFECT_API_TLS_INSECURE_SKIP_VERIFY'])) return { isChecked: false }
  const variable = env['PREFECT_API_SSL_CERT_FILE'] ? 'PREFECT_API_SSL_CERT_FILE' : 'SSL_CERT_FILE'
  const file = env[variable]
  if (!file) return undefined
  try {
    return { isChecked: true, authorities: readFileSync(file, 'utf8') }
  } catch (error) {
    throw invalid(
      variable,
      `names ${file}, which ${isAbsent(error) ? 'does not exist' : readFault(error)}`,
      'It is a file with the certificates of the authorities that are trusted, in the form PEM.',
      error
    )
  }
}

function timeoutOf({ PREFECT_API_REQUEST_TIMEOUT: text }: NodeJS.ProcessEnv): number {
  if (!text?.trim()) return TIMEOUT
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000
  throw invalid(
    'PREFECT_API_REQUEST_TIMEOUT',
    'is no number of seconds from 0 to 86400',
    'Leave it out for 60 seconds.'
  )
}

function checkedUrl(text: string | undefined, cloud: string): URL {
  if (!text?.trim()) {
    const what = text === undefined ? 'not set' : 'empty'
    throw new FlowstoreError(
      'MISSING_OPTION',
      `deployments are written to Prefect's API, and the variable PREFECT_API_URL is ${what}`,
      {
        hint: 'Set it to the address of the API, such as http://127.0.0.1:4200/api: `prefect config view` prints it. In a workflow, set it in `env` of the step; a variable or secret that the repository does not have is empty.'
      }
    )
  }
  const address = text.trim()
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new FlowstoreError('INVALID_OPTION', 'the variable PREFECT_API_URL is no http address', {
      hint: 'It looks like http://127.0.0.1:4200/api or https://api.prefect.cloud/api/accounts/ID/workspaces/ID.'
    })
  }
  if (
    url.hostname === 'app.prefect.cloud' ||
    (url.href.startsWith(cloud) && !/\/workspaces\/[^/]+/.test(url.pathname))
  ) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      'the variable PREFECT_API_URL names no workspace of Prefect Cloud',
      {
        hint: `It looks like ${CLOUD}/accounts/ID/workspaces/ID. \`prefect config view\` prints it.`
      }
    )
  }
  return url
}

/**
 * Reads the address of the API from PREFECT_API_URL, the login from PREFECT_API_KEY, or for a server with a password
 * from PREFECT_API_AUTH_STRING, and the other variables that Prefect's client reads for a connection. Profiles of
 * Prefect are not read.
 *
 * @throws FlowstoreError MISSING_OPTION, INVALID_OPTION
 */
export function apiAddress(env: NodeJS.ProcessEnv): ApiAddress {
  const cloud = env['PREFECT_CLOUD_API_URL']?.trim().replace(/\/+$/, '') || CLOUD
  const url = checkedUrl(env['PREFECT_API_URL'], cloud)
  const headers = customHeaders(env)
  const authorization = headers['authorization'] ?? authorizationOf(env, url)
  const secrets = [env['PREFECT_API_KEY'], env['PREFECT_API_AUTH_STRING'], url.password]
  if (authorization !== undefined) secrets.push(authorization.replace(/^\w+ /, ''))
  secrets.push(...Object.values(headers))
  url.username = ''
  url.password = ''
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization,
    isCloud: url.href.startsWith(cloud),
    headers,
    trust: trustOf(env),
    timeout: timeoutOf(env),
    secrets: secrets.flatMap(secret => (secret ? [secret.trim()] : []))
  }
}
