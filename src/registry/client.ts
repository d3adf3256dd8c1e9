import { z } from 'zod'
import type { Credentials } from './credentials.js'

/** What a registry said to a request it refused. */
export interface Refusal {
  readonly status: number
  /** The registry's own words, or the status text where it has none. */
  readonly words: string
}

const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() }))
})

const isLoopback = (registry: string): boolean =>
  /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(registry)

const hostOf = (registry: string): string =>
  registry === 'docker.io' ? 'registry-1.docker.io' : registry

async function wordsOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const { errors } = errorsSchema.parse(JSON.parse(text))
    const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '))
    if (words.length > 0) return words.join('; ')
  } catch {
    // Not the specification's form of an error: its text stands as it is.
  }
  return text.trim().slice(0, 500) || response.statusText
}

/**
 * Speaks the OCI distribution specification (1.1) with one registry: HTTPS, and plain HTTP where a
 * registry on this machine has no TLS.
 */
export class RegistryClient {
  private token: string | undefined

  constructor(
    /** The registry's host, as image references have it. */
    readonly registry: string,
    private readonly credentials: Credentials | undefined,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch
  ) {}

  /**
   * Asks whether a push to a repository would be let in, by opening an upload ("Pushing blobs",
   * POST then PUT) and dropping it again.
   *
   * @returns the refusal, or undefined where the upload was opened
   * @throws whatever fetch throws where the registry can't be reached
   */
  async pushRefusal(repository: string): Promise<Refusal | undefined> {
    const scope = `repository:${repository}:pull,push`
    const response = await this.request('POST', `/v2/${repository}/blobs/uploads/`, scope)
    if (!response.ok) return { status: response.status, words: await wordsOf(response) }
    const location = response.headers.get('location')
    if (location !== null) {
      const url = new URL(location, response.url)
      await this.request('DELETE', url.pathname + url.search, scope).catch(() => undefined)
    }
    return undefined
  }

  private async request(method: string, path: string, scope: string): Promise<Response> {
    const first = await this.send(method, path)
    const challenge = first.headers.get('www-authenticate')
    if (first.status !== 401 || challenge === null || this.token !== undefined) return first
    this.token = await this.authorize(challenge, scope)
    return this.token === undefined ? first : this.send(method, path)
  }

  private async send(method: string, path: string): Promise<Response> {
    const headers: Record<string, string> = this.token ? { authorization: this.token } : {}
    const call = async (scheme: string) =>
      this.fetch(`${scheme}://${hostOf(this.registry)}${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(30_000)
      })
    if (!isLoopback(this.registry)) return call('https')
    // A daemon speaks plain HTTP with loopback registries too.
    return call('https').catch(() => call('http'))
  }

  private basic(): string | undefined {
    if (this.credentials === undefined || 'identitytoken' in this.credentials) return undefined
    const { username, password } = this.credentials
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  }

  /** The value of the Authorization header that answers a challenge, or undefined where none can. */
  private async authorize(challenge: string, scope: string): Promise<string | undefined> {
    if (/^basic/i.test(challenge)) return this.basic()
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1]
    const realm = part('realm')
    if (!/^bearer/i.test(challenge) || realm === undefined) return undefined
    const service = part('service') ?? ''
    const refreshToken =
      this.credentials !== undefined && 'identitytoken' in this.credentials
        ? this.credentials.identitytoken
        : undefined
    const url = new URL(realm)
    const basic = this.basic()
    let response: Response
    if (refreshToken === undefined) {
      url.searchParams.set('service', service)
      url.searchParams.set('scope', scope)
      response = await this.fetch(url, { headers: basic ? { authorization: basic } : {} })
    } else {
      response = await this.fetch(url, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          service,
          scope,
          refresh_token: refreshToken,
          client_id: 'flowstore'
        })
      })
    }
    if (!response.ok) return undefined
    const answer = z
      .object({ token: z.string().optional(), access_token: z.string().optional() })
      .parse(await response.json())
    const token = answer.token ?? answer.access_token
    return token === undefined ? undefined : `Bearer ${token}`
  }
}
