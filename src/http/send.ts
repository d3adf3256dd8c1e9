import * as http from 'node:http'
import * as https from 'node:https'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { getProxyUrl } from '@actions/http-client/lib/proxy'
import { VERSION } from '../version.js'
import { upload } from './upload.js'

/** Called with the bytes that are sent, and all bytes. */
export type OnSent = (sent: number, size: number) => void

/** Which certificates of servers are trusted. */
export type Trust =
  | { readonly isChecked: false }
  | {
      readonly isChecked: true
      /** Certificates of authorities, in the form PEM, instead of those that Node trusts. */
      readonly authorities: string
    }

/** A body that is too large for memory. */
export interface StreamedBody {
  /** Bytes. */
  readonly size: number
  /** Opens it, again for each attempt. */
  readonly open: () => Readable
}

/** Reads a body from its beginning. */
export type ReadBody = (body: Readable) => Promise<void>

/** A request for {@link send}. */
export interface HttpRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string | StreamedBody
  /** Called after each part of a body that is larger than 1 MiB. */
  readonly onSent?: OnSent | undefined
  /** Reads the body of a successful answer, which then is empty in the answer. */
  readonly receive?: ReadBody | undefined
  /** Milliseconds for the whole answer; default no limit. */
  readonly timeout?: number
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined
  /** Default: the certificates that Node trusts. */
  readonly trust?: Trust | undefined
}

/** Bytes of a body. */
export const sizeOfBody = (body: HttpRequest['body']): number =>
  body === undefined ? 0 : isStreamed(body) ? body.size : Buffer.byteLength(body)

const isStreamed = (body: Buffer | string | StreamedBody): body is StreamedBody =>
  typeof body === 'object' && 'open' in body

/** An answer of any status, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: {
    /** By the header's name in lower case; null if it is absent. */
    get(name: string): string | null
  }
  readonly body: Buffer
}

/** Sends a request. A redirect is an answer too: it is not followed. */
export type Send = (url: URL, request: HttpRequest) => Promise<HttpAnswer>

/** Milliseconds to open a connection. */
const CONNECT_TIMEOUT = 10_000

/**
 * Sends a request over a connection that is kept open for the next. HTTPS uses the proxy of `https_proxy` and
 * `no_proxy`, as in GitHub's Actions toolkit.
 *
 * Node's own `fetch` takes three times as long for the first request of a process.
 *
 * @throws the error of the system, of TLS or of the time limit
 */
export const send: Send = async (url, options) => {
  const { method, headers, body, timeout, onSent, receive, trust } = options
  const signals = [
    ...(timeout === undefined ? [] : [AbortSignal.timeout(timeout)]),
    ...(options.signal === undefined ? [] : [options.signal])
  ]
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
  const { request } = url.protocol === 'https:' ? https : http
  const sent = request(url, {
    method,
    headers: {
      'user-agent': `flowstore/${VERSION}`,
      // Node sets it only for a body in one part.
      ...(body === undefined ? {} : { 'content-length': sizeOfBody(body) }),
      ...headers
    },
    agent: await agentFor(url),
    signal,
    ...(trust === undefined
      ? {}
      : trust.isChecked
        ? { ca: trust.authorities }
        : { rejectUnauthorized: false })
  })
  try {
    const message = await new Promise<http.IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject)
      limitConnecting(sent)
      sendBody(sent, body, onSent, reject)
    })
    const { statusCode = 0 } = message
    if (receive === undefined || statusCode < 200 || statusCode > 299) {
      return answerOf(message, await buffer(message))
    }
    await receive(message)
    return answerOf(message, Buffer.alloc(0))
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}

/** Bytes of a part of a body. */
const PART = 1 << 20

/** Sends a body; a large one in parts if somebody follows it. */
function sendBody(
  sent: http.ClientRequest,
  body: HttpRequest['body'],
  onSent: OnSent | undefined,
  onFault: (error: unknown) => void
): void {
  if (body !== undefined && isStreamed(body)) {
    sendStream(sent, body, onSent).catch(onFault)
    return
  }
  if (onSent === undefined || !(body instanceof Buffer) || body.length <= PART) {
    sent.end(body)
    return
  }
  const sendFrom = (from: number) => {
    const to = Math.min(from + PART, body.length)
    if (from === body.length) sent.end()
    else {
      sent.write(body.subarray(from, to), error => {
        if (error) return
        onSent(to, body.length)
        sendFrom(to)
      })
    }
  }
  sendFrom(0)
}

async function sendStream(
  sent: http.ClientRequest,
  { size, open }: StreamedBody,
  onSent: OnSent | undefined
): Promise<void> {
  const parts = open()
  // It may wait for something that never comes.
  sent.on('close', () => parts.destroy())
  await upload(parts, sent, done => onSent?.(done, size))
}

const agents = new Map<string, Promise<http.Agent>>()

/** The agent that keeps connections open to an address, directly or through the proxy of the environment. */
async function agentFor(url: URL): Promise<http.Agent> {
  const proxy = url.protocol === 'https:' ? getProxyUrl(url) : undefined
  const key = `${url.protocol} ${proxy?.href ?? ''}`
  const agent = agents.get(key) ?? newAgent(url, proxy)
  agents.set(key, agent)
  return agent
}

async function newAgent(url: URL, proxy: URL | undefined): Promise<http.Agent> {
  const { Agent } = url.protocol === 'https:' ? https : http
  if (proxy === undefined) return new Agent({ keepAlive: true })
  // The module takes 20 ms to load (Node 20, two cores), and few machines have a proxy.
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  // The toolkit's URL has name and password decoded, and the agent decodes them again.
  return new HttpsProxyAgent(new URL(proxy.href), { keepAlive: true })
}

/** Gives up a connection that does not open in time. A reused connection is already open. */
function limitConnecting(sent: http.ClientRequest): void {
  sent.on('socket', socket => {
    if (!socket.connecting) return
    const words = `no connection after ${CONNECT_TIMEOUT / 1000} seconds`
    const timer = setTimeout(
      () => sent.destroy(Object.assign(new Error(words), { code: 'ETIMEDOUT' })),
      CONNECT_TIMEOUT
    )
    for (const event of ['connect', 'close']) {
      socket.once(event, () => {
        clearTimeout(timer)
      })
    }
  })
}

const answerOf = (message: http.IncomingMessage, body: Buffer): HttpAnswer => ({
  status: message.statusCode ?? 0,
  headers: {
    get: name => {
      const value = message.headers[name]
      return value === undefined ? null : [value].flat().join(', ')
    }
  },
  body
})
