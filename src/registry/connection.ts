import type { HttpRequest, Send } from './http.js'
import { isDone, type Answer } from './answer.js'
import { Authorizer, type Authorization } from './authorizer.js'
import { parseChallenge } from './challenge.js'
import type { Credentials } from './credentials.js'
import { hostOf, isLoopback } from './host.js'
import { causeOf } from './retry.js'
import { AppendUnsupported } from './unsupported.js'

/** A request to a registry. */
export interface RegistryRequest {
  readonly method: string
  /** A path with its query below the registry's host, or an address that the registry gave. */
  readonly target: string | URL
  /** What has to be allowed for it: `repository:NAME:pull` and the like. */
  readonly scopes: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

const TIMEOUT = 30_000
/** Bytes in a millisecond that the slowest connection is given time for. */
const SLOWEST = 50
const REDIRECTS = 5

/** Whether it may be a server with TLS that answered: with 400 mostly, or by saying where to go. */
const isRefusalOfPlain = ({ status }: Answer): boolean =>
  status === 400 || (status >= 300 && status < 400)

/** Where an answer sends a request on; undefined for one that is an answer. */
function redirectOf({ status, headers, url }: Answer, method: string): string | undefined {
  const isReading = method === 'GET' || method === 'HEAD'
  if (!(isReading ? [301, 302, 303, 307, 308] : [307, 308]).includes(status)) return undefined
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? location : undefined
}

// Such a registry does speak TLS: plain HTTP would only hide why it is not trusted.
const isCertificateTrouble = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|TIMEDOUT/.test(causeOf(error))

/**
 * Requests to one registry: its scheme, its login, redirects. An answer of any status is an
 * answer; {@link AppendUnsupported} is thrown where there is none.
 */
export class Connection {
  private readonly authorizer: Authorizer
  private scheme: 'https' | 'http' | undefined

  constructor(
    readonly registry: string,
    credentials: Credentials | undefined,
    private readonly sending: Send
  ) {
    this.authorizer = new Authorizer(credentials, (url, request) => this.askService(url, request))
    if (!isLoopback(registry)) this.scheme = 'https'
  }

  /** A text without anything secret that this connection knows. */
  redact(text: string): string {
    return this.authorizer.redact(text)
  }

  /** Whether an address is of the registry itself. */
  isOwn(url: URL): boolean {
    return url.host === new URL(`${url.protocol}//${hostOf(this.registry)}`).host
  }

  /**
   * Sends a request. What the registry asks for in return (a login, a token of the request's
   * scopes) is got and sent along, from then on with every request.
   */
  async ask(request: RegistryRequest): Promise<Answer> {
    const { scopes } = request
    let authorization = await this.authorizer.known(scopes)
    let isOld = authorization !== undefined
    for (;;) {
      if (authorization !== undefined && 'status' in authorization) return authorization
      const answer = await this.send(request, authorization)
      const challenge = parseChallenge(answer.headers.get('www-authenticate'))
      if (challenge === undefined || !this.isOwn(answer.url)) return answer
      const isLacking =
        answer.status === 403 &&
        challenge.scheme === 'bearer' &&
        challenge.error === 'insufficient_scope'
      if (answer.status !== 401 && !isLacking) return answer
      // A login or token of a moment ago is refused for good.
      if (authorization !== undefined && !isOld) return answer
      const next = await this.authorizer.meet(challenge, scopes, authorization)
      if (next === undefined) return answer
      authorization = next
      isOld = false
    }
  }

  private async send(
    request: RegistryRequest,
    authorization: Authorization | undefined
  ): Promise<Answer> {
    if (this.scheme !== undefined) return this.follow(request, this.scheme, authorization)
    // A registry of this machine seldom has TLS, and reading the authorities that it takes is slow.
    const plain = await this.follow(request, 'http', authorization).catch((error: unknown) => {
      if (causeOf(error) === 'ECONNREFUSED') throw error
      return error as Error
    })
    if (!(plain instanceof Error) && !isRefusalOfPlain(plain)) {
      this.scheme = 'http'
      return plain
    }
    try {
      const answer = await this.follow(request, 'https', authorization)
      this.scheme = 'https'
      return answer
    } catch (error) {
      if (isCertificateTrouble(error)) throw error
    }
    if (plain instanceof Error) throw plain
    return plain
  }

  private async follow(
    { method, target, headers, body }: RegistryRequest,
    scheme: 'https' | 'http',
    authorization: Authorization | undefined
  ): Promise<Answer> {
    const base = `${scheme}://${hostOf(this.registry)}`
    let url = this.address(target, new URL(base), scheme)
    for (let redirects = 0; ; redirects += 1) {
      // Storage elsewhere has a signature in its address; the registry's login is none of its business.
      const login: Record<string, string> =
        authorization && this.isOwn(url) ? { authorization: authorization.header } : {}
      const answer = await this.call(url, {
        method,
        headers: { ...headers, ...login },
        ...(body === undefined ? {} : { body })
      })
      const location = redirectOf(answer, method)
      if (location === undefined || redirects === REDIRECTS) {
        // The page of another host may repeat what its address was signed with.
        return isDone(answer) || this.isOwn(url) ? answer : { ...answer, body: Buffer.alloc(0) }
      }
      url = this.address(location, url, scheme)
    }
  }

  /** Asks what gives tokens, and where it sends on; with a login over TLS alone, and on one host. */
  private async askService(service: URL, request: HttpRequest): Promise<Answer> {
    const scheme = this.scheme ?? 'https'
    let url = this.address(service, service, scheme)
    let { headers } = request
    for (let redirects = 0; ; redirects += 1) {
      const hasLogin = headers?.['authorization'] !== undefined || request.body !== undefined
      if (hasLogin && url.protocol !== 'https:' && !isLoopback(url.host)) {
        throw new AppendUnsupported(`a login is not sent to ${url.origin}, which has no TLS`)
      }
      const answer = await this.call(url, { ...request, headers: headers ?? {} })
      const location = redirectOf(answer, request.method)
      if (location === undefined || redirects === REDIRECTS) return answer
      const next = this.address(location, url, scheme)
      if (next.host !== url.host) headers = undefined
      url = next
    }
  }

  /** Of the registry itself the scheme is known: a proxy before it may not tell it of TLS. */
  private address(target: string | URL, base: URL, scheme: 'https' | 'http'): URL {
    const url = new URL(target, base)
    if (this.isOwn(url)) url.protocol = `${scheme}:`
    return url
  }

  private async call(url: URL, request: HttpRequest): Promise<Answer> {
    const timeout = TIMEOUT + Math.ceil((request.body?.length ?? 0) / SLOWEST)
    try {
      return { ...(await this.sending(url, { ...request, timeout })), url }
    } catch (error) {
      throw new AppendUnsupported(`${url.host} can't be reached: ${causeOf(error)}`, {
        cause: error
      })
    }
  }
}
