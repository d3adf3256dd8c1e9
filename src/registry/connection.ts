import { Authorizer } from './auth/authorizer.js'
import { parseChallenge, type Challenge } from './auth/challenge.js'
import type { Credentials } from './auth/credentials.js'
import { hostOf, isLoopback } from './host.js'
import { isDone, type Answer } from './http/answer.js'
import { causeOf } from './http/fault.js'
import type { HttpRequest, Send } from './http/send.js'
import { RegistryUnusable } from './unusable.js'

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

type Scheme = 'https' | 'http'

/** Milliseconds for an answer, beside the time that the body takes. */
const TIMEOUT = 30_000
/** Bytes that the slowest connection sends in a millisecond. */
const SLOWEST = 50
/** Redirects that are followed. */
const REDIRECTS = 5

/**
 * Requests to one registry: its scheme, its login, redirects. An answer of any status is an
 * answer; {@link RegistryUnusable} is thrown where there is none.
 */
export class Connection {
  private readonly authorizer: Authorizer
  /** Undefined until a registry on this machine has answered. */
  private scheme: Scheme | undefined

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
    let isNew = false
    for (;;) {
      if (authorization.kind === 'refused') return authorization.answer
      const header = authorization.kind === 'header' ? authorization.header : undefined
      const answer = await this.send(request, header)
      const challenge = parseChallenge(answer.headers.get('www-authenticate'))
      if (challenge === undefined || !this.isOwn(answer.url)) return answer
      if (answer.status !== 401 && !isScopeMissing(answer, challenge)) return answer
      // A login or token that was got for this very request is refused for good.
      if (header !== undefined && isNew) return answer
      authorization = await this.authorizer.meet(challenge, scopes, header)
      if (authorization.kind === 'none') return answer
      isNew = true
    }
  }

  /** Sends a request with the registry's scheme, which the first request to this machine finds out. */
  private async send(request: RegistryRequest, login: string | undefined): Promise<Answer> {
    if (this.scheme !== undefined) return this.follow(request, this.scheme, login)
    // A registry of this machine seldom has TLS, and reading the authorities that it takes is slow.
    const plain = await this.follow(request, 'http', login).catch((error: unknown) => {
      if (causeOf(error) === 'ECONNREFUSED') throw error
      return error as Error
    })
    if (!(plain instanceof Error) && !isRefusalOfPlain(plain)) {
      this.scheme = 'http'
      return plain
    }
    try {
      const answer = await this.follow(request, 'https', login)
      this.scheme = 'https'
      return answer
    } catch (error) {
      if (isCertificateTrouble(error)) throw error
    }
    // It has no TLS either: what plain HTTP gave is what there is.
    if (plain instanceof Error) throw plain
    return plain
  }

  /** Sends a request, and where its answer sends it on. */
  private async follow(
    { method, target, headers, body }: RegistryRequest,
    scheme: Scheme,
    login: string | undefined
  ): Promise<Answer> {
    let url = this.address(target, new URL(`${scheme}://${hostOf(this.registry)}`), scheme)
    for (let redirects = 0; ; redirects += 1) {
      // Another host has a signature in the address, and no business with the registry's login.
      const isOwn = this.isOwn(url)
      const authorization: Record<string, string> =
        login !== undefined && isOwn ? { authorization: login } : {}
      const answer = await this.call(url, {
        method,
        headers: { ...headers, ...authorization },
        ...(body === undefined ? {} : { body })
      })
      const location = redirectOf(answer, method)
      if (location === undefined || redirects === REDIRECTS) {
        // The page of another host may repeat what its address was signed with.
        return isDone(answer) || isOwn ? answer : { ...answer, body: Buffer.alloc(0) }
      }
      url = this.address(location, url, scheme)
    }
  }

  /**
   * Asks a token service, and where it sends on. A login goes to the first host only, and over TLS
   * unless that is this machine.
   */
  private async askService(service: URL, request: HttpRequest): Promise<Answer> {
    const scheme = this.scheme ?? 'https'
    let url = this.address(service, service, scheme)
    let { headers } = request
    for (let redirects = 0; ; redirects += 1) {
      const hasLogin = headers?.['authorization'] !== undefined || request.body !== undefined
      if (hasLogin && url.protocol !== 'https:' && !isLoopback(url.host)) {
        throw new RegistryUnusable(`a login is not sent to ${url.origin}, which has no TLS`)
      }
      const answer = await this.call(url, { ...request, headers: headers ?? {} })
      const location = redirectOf(answer, request.method)
      if (location === undefined || redirects === REDIRECTS) return answer
      const next = this.address(location, url, scheme)
      if (next.host !== url.host) headers = undefined
      url = next
    }
  }

  /** An address; one of the registry itself gets its scheme, of which a proxy before it may not know. */
  private address(target: string | URL, base: URL, scheme: Scheme): URL {
    const url = new URL(target, base)
    if (this.isOwn(url)) url.protocol = `${scheme}:`
    return url
  }

  private async call(url: URL, request: HttpRequest): Promise<Answer> {
    const timeout = TIMEOUT + Math.ceil((request.body?.length ?? 0) / SLOWEST)
    try {
      return { ...(await this.sending(url, { ...request, timeout })), url }
    } catch (error) {
      throw new RegistryUnusable(`${url.host} can't be reached: ${causeOf(error)}`, {
        cause: error
      })
    }
  }
}

/** Whether the login is good, and lacks a scope (RFC 6750, section 3.1). */
const isScopeMissing = ({ status }: Answer, challenge: Challenge): boolean =>
  status === 403 && challenge.scheme === 'bearer' && challenge.error === 'insufficient_scope'

/** Whether plain HTTP may have been answered by a server with TLS: with 400 mostly, or with a redirect. */
const isRefusalOfPlain = ({ status }: Answer): boolean =>
  status === 400 || (status >= 300 && status < 400)

/** Where an answer sends a request on; undefined for one that is an answer. */
function redirectOf({ status, headers, url }: Answer, method: string): string | undefined {
  const isReading = method === 'GET' || method === 'HEAD'
  if (!(isReading ? [301, 302, 303, 307, 308] : [307, 308]).includes(status)) return undefined
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? location : undefined
}

/** Whether a registry speaks TLS and is not trusted, which plain HTTP would hide. */
const isCertificateTrouble = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|TIMEDOUT/.test(causeOf(error))
