import { FlowstoreError } from '../errors.js'
import { Authorizer } from './auth/authorizer.js'
import { isWebAddress, parseChallenge, type Challenge } from './auth/challenge.js'
import type { Credentials } from './auth/credentials.js'
import { hostOf, isLoopback } from './host.js'
import { isSuccess, type Answer } from './answer.js'
import { causeOf } from '../http/fault.js'
import type { RetryTime } from '../http/retry.js'
import {
  sizeOfBody,
  type HttpRequest,
  type OnSent,
  type ReadBody,
  type Send,
  type StreamedBody
} from '../http/send.js'
import { isUntrusted, type InsecureRegistries } from './insecure.js'
import { RegistryUnusable } from './unusable.js'

/** A request to a registry. */
export interface RegistryRequest {
  readonly method: string
  /** A path with its query on the registry's host, or an address that the registry gave. */
  readonly target: string | URL
  /** The scopes that it needs, such as `repository:NAME:pull`. */
  readonly scopes: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | StreamedBody
  /** Called while a large body is sent. */
  readonly onSent?: OnSent | undefined
  /** A large body to receive: its bytes, and what reads it. */
  readonly large?: { readonly size: number; readonly receive: ReadBody } | undefined
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
}

type Scheme = 'https' | 'http'

/** Milliseconds for an answer, in addition to the time for sending the body. */
const TIMEOUT = 30_000
/** Bytes per millisecond that the slowest connection sends. */
const SLOWEST = 50
/** Milliseconds to send or receive some bytes. */
const timeFor = (bytes: number): number => Math.ceil(bytes / SLOWEST)

/** Maximum number of redirects. */
const REDIRECTS = 5

/**
 * Sends requests to one registry, with its scheme and login, and follows redirects. An answer of any status
 * is returned; {@link RegistryUnusable} is thrown if there is no answer.
 */
export class Connection {
  private readonly authorizer: Authorizer
  /** Undefined until a registry on this machine, or one that need not be safe, has answered. */
  private scheme: Scheme | undefined
  private readonly sending: Send

  constructor(
    readonly registry: string,
    credentials: Credentials | undefined,
    sending: Send,
    private readonly insecure: InsecureRegistries,
    private readonly retryTime: RetryTime
  ) {
    this.authorizer = new Authorizer(credentials, (url, request) => this.askService(url, request))
    this.sending = insecure.sending(sending)
    const isInsecure = insecure.has(new URL(`https://${hostOf(registry)}`))
    if (!isLoopback(registry) && !isInsecure) this.scheme = 'https'
  }

  /** A text without the secrets of this connection. */
  redact(text: string): string {
    return this.authorizer.redact(text)
  }

  /** Whether an address is on the registry's host. */
  isOnRegistry(url: URL): boolean {
    return url.host === new URL(`${url.protocol}//${hostOf(this.registry)}`).host
  }

  /**
   * Sends a request. If the registry asks for a login or a token, it is fetched and sent with this and all
   * later requests.
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
      if (challenge === undefined || !this.isOnRegistry(answer.url)) return answer
      if (answer.status !== 401 && !isScopeMissing(answer, challenge)) return answer
      if (challenge.scheme === 'bearer' && !isWebAddress(challenge.realm)) {
        throw this.noTokenService(challenge.realm)
      }
      // A login or token that was fetched for this request was refused: give up.
      if (header !== undefined && isNew) return answer
      authorization = await this.authorizer.meet(challenge, scopes, header)
      if (authorization.kind === 'none') return answer
      isNew = true
    }
  }

  private noTokenService(realm: string): FlowstoreError {
    return new FlowstoreError(
      'REGISTRY',
      `${this.registry} asks for a token of '${this.redact(realm)}', which is no http(s) address`,
      {
        hint: 'The registry is set up wrong, or is none: its token service (realm) needs a full address.'
      }
    )
  }

  /** Sends a request with the registry's scheme. If it may be either, the first request determines it. */
  private async send(request: RegistryRequest, login: string | undefined): Promise<Answer> {
    if (this.scheme !== undefined) return this.follow(request, this.scheme, login)
    return isLoopback(this.registry)
      ? this.sendOnThisMachine(request, login)
      : this.sendInsecurely(request, login)
  }

  /** Sends the first request to a registry that need not be safe. */
  private async sendInsecurely(
    request: RegistryRequest,
    login: string | undefined
  ): Promise<Answer> {
    const safe = await this.tryTls(request, login)
    if (!('failure' in safe)) return safe
    const plain = await this.follow(request, 'http', login)
    if (isRefusalOfPlain(plain)) throw safe.failure
    this.scheme = 'http'
    this.insecure.noteNoTls(this.registry)
    return plain
  }

  /** Sends the first request to a registry on this machine. */
  private async sendOnThisMachine(
    request: RegistryRequest,
    login: string | undefined
  ): Promise<Answer> {
    // A registry on this machine seldom has TLS, and loading the certificate authorities is slow.
    const plain = await this.follow(request, 'http', login).catch((error: unknown) => {
      if (causeOf(error) === 'ECONNREFUSED') throw error
      return error as Error
    })
    if (!(plain instanceof Error) && !isRefusalOfPlain(plain)) {
      this.scheme = 'http'
      return plain
    }
    const safe = await this.tryTls(request, login)
    if (!('failure' in safe)) return safe
    // It has no TLS either: use the result of plain HTTP.
    if (plain instanceof Error) throw plain
    return plain
  }

  /**
   * Sends the first request over TLS, and gives the failure of a registry that has none.
   *
   * @throws the failure of a registry whose TLS can't be used
   */
  private async tryTls(
    request: RegistryRequest,
    login: string | undefined
  ): Promise<Answer | { readonly failure: unknown }> {
    try {
      const answer = await this.follow(request, 'https', login)
      this.scheme = 'https'
      return answer
    } catch (failure) {
      if (isTlsFailure(failure)) throw failure
      return { failure }
    }
  }

  /** Sends a request and follows redirects. */
  private async follow(
    { method, target, headers, body, onSent, large, signal }: RegistryRequest,
    scheme: Scheme,
    login: string | undefined
  ): Promise<Answer> {
    let url = this.address(target, new URL(`${scheme}://${hostOf(this.registry)}`), scheme)
    for (let redirects = 0; ; redirects += 1) {
      // Other hosts don't get the registry's login: their addresses have a signature instead.
      const isOnRegistry = this.isOnRegistry(url)
      const authorization: Record<string, string> =
        login !== undefined && isOnRegistry ? { authorization: login } : {}
      const answer = await this.call(url, {
        method,
        headers: { ...headers, ...authorization },
        signal,
        ...(body === undefined ? {} : { body, onSent }),
        ...(large && { receive: large.receive, timeout: this.timeout(large.size) })
      })
      const location = redirectOf(answer, method)
      if (location === undefined || redirects === REDIRECTS) {
        // An error page of another host may repeat the signature in its address.
        return isSuccess(answer) || isOnRegistry ? answer : { ...answer, body: Buffer.alloc(0) }
      }
      url = this.address(location, url, scheme)
    }
  }

  /**
   * Sends a request to a token service and follows redirects. The login is sent only to the first host, and
   * without TLS only on this machine, or if its host need not be safe.
   */
  private async askService(service: URL, request: HttpRequest): Promise<Answer> {
    const scheme = this.scheme ?? 'https'
    let url = this.address(service, service, scheme)
    let { headers } = request
    for (let redirects = 0; ; redirects += 1) {
      const hasLogin = headers?.['authorization'] !== undefined || request.body !== undefined
      const isAllowed = isLoopback(url.host) || this.insecure.has(url)
      if (hasLogin && url.protocol !== 'https:' && !isAllowed) {
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

  /**
   * Resolves an address. On the registry's host it gets the registry's scheme: behind a proxy, the registry
   * may name another one.
   */
  private address(target: string | URL, base: URL, scheme: Scheme): URL {
    const url = new URL(target, base)
    if (this.isOnRegistry(url)) url.protocol = `${scheme}:`
    return url
  }

  /** Milliseconds for a request that sends or receives some bytes. */
  private timeout(bytes: number): number {
    return this.retryTime.forAnswer(TIMEOUT) + timeFor(bytes)
  }

  private async call(url: URL, request: HttpRequest): Promise<Answer> {
    if (this.retryTime.isOver(url.host)) {
      throw new RegistryUnusable(`${url.host} gave no answer before, and is not asked again`)
    }
    const timeout = request.timeout ?? this.timeout(sizeOfBody(request.body))
    const from = performance.now()
    try {
      const answer = await this.sending(url, { ...request, timeout })
      this.retryTime.note(url.host, true)
      return { ...answer, url }
    } catch (error) {
      // Who reads a large body found what is wrong with it.
      if (error instanceof FlowstoreError || error instanceof RegistryUnusable) throw error
      // Also where nothing tries again, such as before a push.
      this.retryTime.spend(from, performance.now())
      this.retryTime.note(url.host, false)
      throw new RegistryUnusable(`${url.host} can't be reached: ${causeOf(error)}`, {
        cause: error
      })
    }
  }
}

/** Whether the login is valid but lacks a scope (RFC 6750, section 3.1). */
const isScopeMissing = ({ status }: Answer, challenge: Challenge): boolean =>
  status === 403 && challenge.scheme === 'bearer' && challenge.error === 'insufficient_scope'

/** Whether an answer to plain HTTP may be from a server with TLS: usually a 400, or a redirect. */
const isRefusalOfPlain = ({ status }: Answer): boolean =>
  status === 400 || (status >= 300 && status < 400)

/** The target of a redirect; undefined for any other answer. */
function redirectOf({ status, headers, url }: Answer, method: string): string | undefined {
  const isReading = method === 'GET' || method === 'HEAD'
  if (!(isReading ? [301, 302, 303, 307, 308] : [307, 308]).includes(status)) return undefined
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? location : undefined
}

/** Whether a registry has TLS but is not trusted, or hangs; a fallback to plain HTTP would hide that. */
const isTlsFailure = (error: unknown): boolean =>
  isUntrusted(error) || causeOf(error).includes('TIMEDOUT')
