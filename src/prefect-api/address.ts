import { FlowstoreError } from '../errors.js'

/** Where Prefect's API is, and the login for it. */
export interface ApiAddress {
  /** The address without a slash at its end and without a login, such as `http://127.0.0.1:4200/api`. */
  readonly url: string
  /** The value of the Authorization header; undefined for none. */
  readonly authorization: string | undefined
  readonly isCloud: boolean
  /** Values that must not be printed. */
  readonly secrets: readonly string[]
}

const CLOUD = 'https://api.prefect.cloud/api'

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

function checkedUrl(text: string | undefined): URL {
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
    (url.href.startsWith(CLOUD) && !/\/workspaces\/[^/]+/.test(url.pathname))
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
 * Reads the address of the API from PREFECT_API_URL, and the login from PREFECT_API_KEY, or for a server with a
 * password from PREFECT_API_AUTH_STRING.
 *
 * @throws FlowstoreError MISSING_OPTION, INVALID_OPTION
 */
export function apiAddress(env: NodeJS.ProcessEnv): ApiAddress {
  const url = checkedUrl(env['PREFECT_API_URL'])
  const authorization = authorizationOf(env, url)
  const secrets = [env['PREFECT_API_KEY'], env['PREFECT_API_AUTH_STRING'], url.password]
  if (authorization !== undefined) secrets.push(authorization.replace(/^\w+ /, ''))
  url.username = ''
  url.password = ''
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    authorization,
    isCloud: url.href.startsWith(CLOUD),
    secrets: secrets.flatMap(secret => (secret ? [secret.trim()] : []))
  }
}
