import { FlowstoreError } from '../errors.js'
import { isTemporary } from '../http/retry.js'
import { RegistryUnusable } from './unusable.js'

/** A registry's refusal of a request. */
export interface Refusal {
  readonly status: number
  /** The registry's message, or the name of the status if there is none. */
  readonly words: string
}

const loginHint = (registry: string, repository: string, what: string): string =>
  `Log in to ${registry} before this step (docker/login-action, docker login) with an account that may ${what} ${repository}.`

const GHCR_HINT =
  ' The job needs permissions: packages: write, and a package that exists must give the repository access.'

/** What to do about a refused push. */
function pushHint(
  registry: string,
  repository: string,
  { status, words }: Refusal
): string | undefined {
  if (/BLOB_UNKNOWN/.test(words)) {
    return 'The registry lost a layer of the environment image: set refresh: true for one run, which builds it again.'
  }
  if (isLogin(status)) {
    return loginHint(registry, repository, 'write to') + (registry === 'ghcr.io' ? GHCR_HINT : '')
  }
  return status === 413
    ? `${registry}, or a proxy in front of it, does not accept a layer of this size: raise its limit (client_max_body_size of nginx).`
    : undefined
}

/** Whether a status asks for a login, or for one with more rights. */
export const isLogin = (status: number): boolean => status === 401 || status === 403

/** The error for a refused push, with the registry's message. */
export function pushRefused(
  registry: string,
  repository: string,
  refusal: Refusal,
  cause?: unknown
): FlowstoreError {
  const { status, words } = refusal
  return new FlowstoreError(
    'PUSH_REFUSED',
    `${registry} refuses a push to ${repository} (${status}): ${words}`,
    { hint: pushHint(registry, repository, refusal), cause }
  )
}

const unavailable = (registry: string, { status, words }: Refusal): FlowstoreError =>
  new FlowstoreError(
    'REGISTRY',
    `${registry} is not available at the moment (${status}): ${words}`,
    {
      hint: 'The request was tried several times. Run this again later.'
    }
  )

/**
 * The error for a failed write. If the repository or its uploads are not found, a daemon's push may still
 * work: some registries create a repository on the first push.
 */
export function writeFailure(registry: string, repository: string, refusal: Refusal): Error {
  const { status, words } = refusal
  if (status === 404 || status === 405) {
    return new RegistryUnusable(
      `${registry} does not accept an upload to ${repository} (${status}): ${words}`
    )
  }
  return isTemporary(status)
    ? unavailable(registry, refusal)
    : pushRefused(registry, repository, refusal)
}

/** The error for a failed read. */
export function readFailure(registry: string, repository: string, refusal: Refusal): Error {
  const { status, words } = refusal
  if (status === 405) {
    return new RegistryUnusable(`${registry} does not allow reads (${status}): ${words}`)
  }
  if (isTemporary(status)) return unavailable(registry, refusal)
  return new FlowstoreError(
    'REGISTRY',
    `${registry} refuses a read of ${repository} (${status}): ${words}`,
    { hint: isLogin(status) ? loginHint(registry, repository, 'read') : undefined }
  )
}
