import * as z from '../../util/schema.js'
import { isDone, type Answer } from '../http/answer.js'
import type { HttpRequest } from '../http/send.js'
import { covers, type Challenge } from './challenge.js'
import type { Credentials } from './credentials.js'

/** What a request may be sent with. */
export type Authorization =
  | { readonly kind: 'none' }
  /** The value of an Authorization header. */
  | { readonly kind: 'header'; readonly header: string }
  /** The token service refused: that is the answer to the request. */
  | { readonly kind: 'refused'; readonly answer: Answer }

const NONE: Authorization = { kind: 'none' }

/** Asks an address beside the registry, such as the service that gives tokens. */
export type AskService = (url: URL, request: HttpRequest) => Promise<Answer>

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional()
})

type Bearer = Extract<Challenge, { scheme: 'bearer' }>

/**
 * Answers a registry's challenges with one login: the login itself (Basic), or a token for a set of
 * scopes that is asked for once (Distribution's "Token Authentication Specification").
 */
export class Authorizer {
  private readonly tokens = new Map<string, Promise<Authorization>>()
  private readonly secrets = new Set<string>()
  private bearer: Bearer | undefined
  private basic: string | undefined

  constructor(
    private readonly credentials: Credentials | undefined,
    private readonly askService: AskService
  ) {
    const secret = credentials?.identitytoken ?? credentials?.password
    if (secret) this.secrets.add(secret)
  }

  /** What to send with a request, from what the registry asked for before. */
  async known(scopes: readonly string[]): Promise<Authorization> {
    if (this.basic !== undefined) return { kind: 'header', header: this.basic }
    return this.bearer === undefined ? NONE : this.token(this.bearer, scopes, scopes)
  }

  /**
   * What to send with a request that was refused.
   *
   * @param sent the header that it was sent with
   */
  async meet(
    challenge: Challenge,
    scopes: readonly string[],
    sent: string | undefined
  ): Promise<Authorization> {
    if (challenge.scheme === 'basic') {
      if (sent !== undefined && sent === this.basic) return NONE
      this.basic = this.basicHeader()
      return this.basic === undefined ? NONE : { kind: 'header', header: this.basic }
    }
    this.bearer = challenge
    if (sent !== undefined) await this.dropToken(scopes, sent)
    const more = challenge.scopes.filter(asked => !scopes.some(scope => covers(scope, asked)))
    return this.token(challenge, scopes, [...scopes, ...more])
  }

  /** A text without the passwords and tokens of this client, and without what signs a URL. */
  redact(text: string): string {
    let clean = text
    for (const secret of this.secrets) clean = clean.replaceAll(secret, '***')
    return clean.replace(/\/\/[^\s/"'@]*@/g, '//').replace(/\?[\w.~%-]+=[^\s"'<>]*/g, '')
  }

  private basicHeader(): string | undefined {
    if (this.credentials === undefined || this.credentials.identitytoken !== undefined) {
      return undefined
    }
    const { username, password } = this.credentials
    const pair = Buffer.from(`${username}:${password}`).toString('base64')
    this.secrets.add(pair)
    return `Basic ${pair}`
  }

  /** Forgets a refused token: it is too old, or lacks a scope that the registry names differently. */
  private async dropToken(scopes: readonly string[], sent: string): Promise<void> {
    const key = scopes.join(' ')
    const known = await this.tokens.get(key)
    if (known?.kind === 'header' && known.header === sent) this.tokens.delete(key)
  }

  /** The token for some scopes; where there is none yet, one is asked for. */
  private token(
    bearer: Bearer,
    scopes: readonly string[],
    asked: readonly string[]
  ): Promise<Authorization> {
    const key = scopes.join(' ')
    const known = this.tokens.get(key)
    if (known !== undefined) return known
    const token = this.newToken(bearer, asked)
    this.tokens.set(key, token)
    const forget = () => this.tokens.delete(key)
    token.then(({ kind }) => (kind === 'header' ? undefined : forget()), forget)
    return token
  }

  private async newToken(
    { realm, service }: Bearer,
    scopes: readonly string[]
  ): Promise<Authorization> {
    if (!URL.canParse(realm)) return NONE
    const answer = await this.askForToken(new URL(realm), service, scopes)
    if (!isDone(answer)) return { kind: 'refused', answer: asRefusal(answer) }
    const token = tokenIn(answer)
    if (!token) return NONE
    this.secrets.add(token)
    return { kind: 'header', header: `Bearer ${token}` }
  }

  private askForToken(url: URL, service: string, scopes: readonly string[]): Promise<Answer> {
    const identityToken = this.credentials?.identitytoken
    if (identityToken !== undefined) {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        service,
        scope: scopes.join(' '),
        refresh_token: identityToken,
        client_id: 'flowstore'
      })
      return this.askService(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString()
      })
    }
    url.searchParams.set('service', service)
    for (const scope of scopes) url.searchParams.append('scope', scope)
    const login = this.basicHeader()
    return this.askService(url, {
      method: 'GET',
      headers: login === undefined ? {} : { authorization: login }
    })
  }
}

/** A no of the token service is a no of the registry; its 404 must not read as a missing image. */
const asRefusal = (answer: Answer): Answer =>
  answer.status >= 500 || [403, 408, 429].includes(answer.status)
    ? answer
    : { ...answer, status: 401 }

/** The token in an answer; undefined for an answer of another form, which the registry then refuses. */
function tokenIn({ body }: Answer): string | undefined {
  try {
    const { token, access_token } = tokenSchema.parse(JSON.parse(body.toString('utf8')))
    return token ?? access_token
  } catch {
    return undefined
  }
}
