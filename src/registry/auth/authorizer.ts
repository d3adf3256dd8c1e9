import * as z from '../../util/schema.js'
import { isSuccess, type Answer } from '../answer.js'
import type { HttpRequest } from '../../http/send.js'
import { covers, type Challenge } from './challenge.js'
import type { Credentials } from './credentials.js'

/** The authorization of a request. */
export type Authorization =
  | { readonly kind: 'none' }
  /** The value of an Authorization header. */
  | { readonly kind: 'header'; readonly header: string }
  /** The token service refused: its answer is the answer to the request. */
  | { readonly kind: 'refused'; readonly answer: Answer }

const NONE: Authorization = { kind: 'none' }

/** Sends a request to a service other than the registry, such as the token service. */
export type AskService = (url: URL, request: HttpRequest) => Promise<Answer>

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional()
})

type Bearer = Extract<Challenge, { scheme: 'bearer' }>

/**
 * Answers a registry's challenges with one login: the login itself (Basic), or a token, which is requested
 * once for a set of scopes (Distribution's "Token Authentication Specification").
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

  /** The authorization for a request, from earlier challenges of the registry. */
  async known(scopes: readonly string[]): Promise<Authorization> {
    if (this.basic !== undefined) return { kind: 'header', header: this.basic }
    return this.bearer === undefined ? NONE : this.token(this.bearer, scopes, scopes)
  }

  /**
   * The authorization for a request that was refused.
   *
   * @param sent the header of the refused request
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
    const more = challenge.scopes.filter(needed => !scopes.some(scope => covers(scope, needed)))
    return this.token(challenge, scopes, [...scopes, ...more])
  }

  /** A text without the passwords and tokens of this client, and without the signatures of URLs. */
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

  /** Drops a refused token: it has expired, or lacks a scope that the registry names differently. */
  private async dropToken(scopes: readonly string[], sent: string): Promise<void> {
    const key = scopes.join(' ')
    const known = await this.tokens.get(key)
    if (known?.kind === 'header' && known.header === sent) this.tokens.delete(key)
  }

  /**
   * The token for a request; a new one is requested if there is none.
   *
   * @param scopes the scopes of the request
   * @param tokenScopes the scopes of a new token
   */
  private token(
    bearer: Bearer,
    scopes: readonly string[],
    tokenScopes: readonly string[]
  ): Promise<Authorization> {
    const key = scopes.join(' ')
    const known = this.tokens.get(key)
    if (known !== undefined) return known
    const token = this.newToken(bearer, tokenScopes)
    this.tokens.set(key, token)
    const forget = () => this.tokens.delete(key)
    token.then(({ kind }) => (kind === 'header' ? undefined : forget()), forget)
    return token
  }

  private async newToken(
    { realm, service }: Bearer,
    scopes: readonly string[]
  ): Promise<Authorization> {
    const answer = await this.askForToken(new URL(realm), service, scopes)
    if (!isSuccess(answer)) return { kind: 'refused', answer: asRefusal(answer) }
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

/** A refusal of the token service counts as one of the registry: its 404 must not mean a missing image. */
const asRefusal = (answer: Answer): Answer =>
  answer.status >= 500 || [403, 408, 429].includes(answer.status)
    ? answer
    : { ...answer, status: 401 }

/** The token in an answer; undefined if the answer has another form. */
function tokenIn({ body }: Answer): string | undefined {
  try {
    const { token, access_token } = tokenSchema.parse(JSON.parse(body.toString('utf8')))
    return token ?? access_token
  } catch {
    return undefined
  }
}
