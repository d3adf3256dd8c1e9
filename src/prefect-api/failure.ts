import { STATUS_CODES } from 'node:http'
import { FlowstoreError } from '../errors.js'
import { causeOf } from '../http/fault.js'
import type { HttpAnswer } from '../http/send.js'
import * as z from '../util/schema.js'
import type { ApiAddress } from './address.js'

const fieldSchema = z.object({
  loc: z.array(z.unknown()).optional(),
  msg: z.string().optional()
})

/** FastAPI's `detail`, and the form that Prefect gives to a body that is not valid. */
const failureSchema = z.object({
  detail: z.unknown().optional(),
  exception_message: z.string().optional(),
  exception_detail: z.unknown().optional()
})

function words(detail: unknown): string[] {
  if (typeof detail === 'string') return [detail]
  if (!Array.isArray(detail)) return []
  return detail.flatMap(entry => {
    if (typeof entry === 'string') return [entry]
    const { data } = fieldSchema.safeParse(entry)
    if (data?.msg === undefined) return []
    // The first part is `body`. What was sent is left out: it may hold secrets.
    const field = (data.loc ?? []).slice(1).map(String).join('.')
    return [field === '' ? data.msg : `${field}: ${data.msg}`]
  })
}

/** The server's message for a refused request: field and reason where it names them. Empty for a page of HTML. */
function messageOf({ body }: HttpAnswer): string {
  const text = body.toString('utf8').trim()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return text.startsWith('<') ? '' : text.slice(0, 300)
  }
  const { data } = failureSchema.safeParse(json)
  const parts = [...words(data?.exception_detail), ...words(data?.detail)]
  return (parts.length > 0 ? parts.join('; ') : (data?.exception_message ?? '')).slice(0, 2_000)
}

function hintFor(address: ApiAddress, answer: HttpAnswer): string | undefined {
  const { status } = answer
  if (status === 401) {
    if (address.authorization !== undefined) {
      return address.isCloud
        ? 'The API key is wrong, has expired, or belongs to another account: make a new one, and set PREFECT_API_KEY.'
        : 'Check PREFECT_API_KEY, or PREFECT_API_AUTH_STRING for a server with a password.'
    }
    return 'Set PREFECT_API_KEY, or PREFECT_API_AUTH_STRING for a server with a password.'
  }
  if (status === 403) {
    return 'The account of the API key may not do that here: give it a role that may write deployments, and check the workspace in PREFECT_API_URL.'
  }
  if (status === 404) {
    return address.isCloud
      ? 'Check the account and the workspace in PREFECT_API_URL.'
      : address.url.endsWith('/api')
        ? 'Check PREFECT_API_URL, and that the server is of Prefect 2.13 or newer.'
        : 'PREFECT_API_URL usually ends in /api.'
  }
  if (status >= 300 && status < 400) {
    const target = answer.headers.get('location')
    return target === null || target.includes('@')
      ? 'Set PREFECT_API_URL to the address behind the redirect.'
      : `It redirects to ${target.replace(/[?#].*/, '')}. If that is a login page, set PREFECT_CLIENT_CUSTOM_HEADERS as the proxy wants it; else set PREFECT_API_URL to the address of the API there.`
  }
  if (status === 400 || status === 405 || status === 422) {
    return 'Correct the field that the message names. If it names none, check that PREFECT_API_URL is the API of a Prefect server.'
  }
  if (status === 429) return 'The request was tried several times. Run this again later.'
  if (status === 500) return 'Look at the log of the server for the cause.'
  return status > 500
    ? 'The request was tried several times. Look at the log of the server, or run this again later.'
    : undefined
}

/**
 * The error for an answer that is no success.
 *
 * @param what was asked for, such as `read work pool "docker"`
 */
export function failureOf(address: ApiAddress, what: string, answer: HttpAnswer): FlowstoreError {
  const { status } = answer
  const reason = messageOf(answer) || (STATUS_CODES[status] ?? '')
  const refuses = status >= 500 || status === 429 ? "can't" : 'refuses to'
  return new FlowstoreError(
    'PREFECT_API',
    status === 401
      ? `the server at ${address.url} does not accept the login (401): ${reason}`
      : `the server at ${address.url} ${refuses} ${what} (${status}): ${reason}`,
    { hint: hintFor(address, answer) }
  )
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_/

/** The error for a request without an answer. */
export function noAnswer(address: ApiAddress, what: string, error: unknown): FlowstoreError {
  const cause = causeOf(error)
  return new FlowstoreError(
    'PREFECT_API',
    `no answer from the server at ${address.url} on the request to ${what}: ${cause}`,
    {
      hint: cause.includes('ALTNAME')
        ? 'Its certificate is for another name: PREFECT_API_URL must have a name that the certificate has.'
        : CERTIFICATE.test(cause)
          ? 'Its certificate is not trusted: set PREFECT_API_SSL_CERT_FILE to a file with its authority.'
          : 'Check PREFECT_API_URL, and that the server runs and can be reached from this machine.',
      cause: error
    }
  )
}

/** The error for an answer that is not what the API gives. */
export const strangeAnswer = (address: ApiAddress, what: string, why: string): FlowstoreError =>
  new FlowstoreError(
    'PREFECT_API',
    `the answer of ${address.url} on the request to ${what} is not of Prefect's API: ${why}`,
    {
      hint: address.url.endsWith('/api')
        ? 'Check PREFECT_API_URL: something else answers there, such as the login page of a proxy. PREFECT_CLIENT_CUSTOM_HEADERS has the headers that a proxy wants.'
        : 'PREFECT_API_URL usually ends in /api; without it, the address is that of the UI.'
    }
  )
