import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { VERSION } from '../version.js'

/** A request as {@link send} takes it. */
export interface HttpRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  /** After so many milliseconds without the whole answer it is given up. */
  readonly timeout?: number
}

/** An answer of any status, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: {
    /** By the header's name in lower case; null where it is absent. */
    get(name: string): string | null
  }
  readonly body: Buffer
}

/** Sends a request; redirects are answers. */
export type Send = (url: URL, request: HttpRequest) => Promise<HttpAnswer>

/** Milliseconds. */
const CONNECT_TIMEOUT = 10_000

const agents = new Map<string, Promise<Agent>>()

/** What opens and keeps the connections for an address: to it, or through the proxy of the environment. */
async function agentFor(url: URL): Promise<Agent> {
  const { getProxyUrl } = await import('@actions/http-client/lib/proxy')
  const proxy = url.protocol === 'https:' ? getProxyUrl(url) : undefined
  const key = `${url.protocol} ${proxy?.href ?? ''}`
  const made = async () => {
    const { Agent } =
      url.protocol === 'https:' ? await import('node:https') : await import('node:http')
    if (proxy === undefined) return new Agent({ keepAlive: true })
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    // The toolkit's URL has name and password decoded, which the agent does once more.
    return new HttpsProxyAgent(new URL(proxy.href), { keepAlive: true })
  }
  const agent = agents.get(key) ?? made()
  agents.set(key, agent)
  return agent
}

/**
 * Sends a request over a connection that is kept for the next. HTTPS goes through the proxy that
 * `https_proxy` and `no_proxy` say, as in the toolkit of GitHub's actions.
 *
 * What Node's own `fetch` would do takes three times as long for the first request of a process.
 *
 * @throws what the system, TLS or the time limit threw
 */
export const send: Send = async (url, { method, headers, body, timeout }) => {
  const { request } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const agent = await agentFor(url)
  const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
  const options: RequestOptions = {
    method,
    headers: { 'user-agent': `flowstore/${VERSION}`, ...headers },
    agent,
    ...(signal && { signal })
  }
  try {
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, options, resolve).on('error', reject)
      sent.on('socket', socket => {
        if (!socket.connecting) return
        const words = `no connection after ${CONNECT_TIMEOUT / 1000} seconds`
        const late = Object.assign(new Error(words), { code: 'ETIMEDOUT' })
        const timer = setTimeout(() => sent.destroy(late), CONNECT_TIMEOUT)
        for (const event of ['connect', 'close']) {
          socket.once(event, () => {
            clearTimeout(timer)
          })
        }
      })
      sent.end(body)
    })
    const content = await buffer(message)
    return {
      status: message.statusCode ?? 0,
      headers: {
        get: name => {
          const value = message.headers[name]
          return value === undefined ? null : [value].flat().join(', ')
        }
      },
      body: content
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}
