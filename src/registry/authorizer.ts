import * as z from '../util/schema.js'
import type { HttpRequest } from './http.js'
import { isDone, type Answer } from './answer.js'
import { covers, type Challenge } from './challenge.js'
import type { Credentials } from './credentials.js'

/** The value of an Authorization header. */
export interface Authorization {
  readonly header: string
}

/** Asks an address beside the registry, such as the service that gives tokens. */
export type AskService = (url: URL, request: HttpRequest) => Promise<Answer>

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional()
})

type Bearer = Extract<Challenge, { scheme: 'bearer' }>

/** A no from the token service is a no from the registry; its 404 must not read as a missing image. */
const asRefusal = (answer: Answer): Answer =>
  answer.status >= 500 || [403, 408, 429].includes(answer.status)
    ? answer
    : { ...answer, status: 401 }

/**
 * Answers a registry's challenges with one login: the login itself (Basic), or a token for a set of
 * scopes that is asked for once (Distribution's "Token Authentication Specification").
 */
export class Authorizer {
  private readonly tokens = new Map<string, Promise<Authorization | Answer | undefined>>()
  private readonly secrets = new Set<string>()
  private bearer: Bearer | undefined
  private basic: Authorization | undefined

  constructor(
    private readonly credentials: Credentials | undefined,
    private readonly askService: AskService
  ) {
    const { identitytoken, password } = { identitytoken: '', password: '', ...credentials }
    for (const secret of [identitytoken, password]) if (secret !== '') this.secrets.add(secret)
  }

  /**
   * What to send along with a request, from what the registry asked for before.
   *
   * @returns undefined for nothing; an answer where the token service refused
   */
  async known(scopes: readonly string[]): Promise<Authorization | Answer | undefined> {
    return this.basic ?? (this.bearer && this.token(this.bearer, scopes, scopes))
  }

  /**
   * What to send along with a request that was refused.
   *
   * @param sent what it had been sent with
   * @returns undefined where nothing else can be sent; an answer where the token service refused
   */
  async meet(
    challenge: Challenge,
    scopes: readonly string[],
    sent: Authorization | undefined
  ): Promise<Authorization | Answer | undefined> {
    if (challenge.scheme === 'basic') {
      if (sent !== undefined && sent === this.basic) return undefined
      return (this.basic = this.login())
    }
    this.bearer = challenge
    const key = scopes.join(' ')
    // The token is too old, or lacks what the registry has names of its own for.
    if (sent !== undefined && (await this.tokens.get(key)) === sent) this.tokens.delete(key)
    const more = challenge.scopes.filter(asked => !scopes.some(scope => covers(scope, asked)))
    return this.token(challenge, scopes, [...scopes, ...more])
  }

  /** A text without the passwords and tokens of this client, and without what signs a URL. */
  redact(text: string): string {
    let clean = text
    for (const secret of this.secrets) clean = clean.replaceAll(secret, '***')
    return clean.replace(/\/\/[^\s/"'@]*@/g, '//').replace(/\?[\w.~%-]+=[^\s"'<>]*/g, '')
  }

  private login(): Authorization | undefined {
    if (this.credentials === undefined || 'identitytoken' in this.credentials) return undefined
    const { username, password } = this.credentials
    const pair = Buffer.from(`${username}:${password}`).toString('base64')
    this.secrets.add(pair)
    return { header: `Basic ${pair}` }
  }

  private token(
    bearer: Bearer,
    scopes: readonly string[],
    asked: readonly string[]
  ): Promise<Authorization | Answer | undefined> {
    const key = scopes.join(' ')
    const known = this.tokens.get(key)
    if (known !== undefined) return known
    const token = this.newToken(bearer, asked)
    this.tokens.set(key, token)
    const forget = () => this.tokens.delete(key)
    token.then(got => (got === undefined || 'status' in got ? forget() : undefined), forget)
    return token
  }

  private async newToken(
    { realm, service }: Bearer,
    scopes: readonly string[]
  ): Promise<Authorization | Answer | undefined> {
    if (!URL.canParse(realm)) return undefined
    const answer = await this.askForToken(new URL(realm), service, scopes)
    if (!isDone(answer)) return asRefusal(answer)
    let token: string | undefined
    try {
      const body = tokenSchema.parse(JSON.parse(answer.body.toString('utf8')))
      token = body.token ?? body.access_token
    } catch {
      return undefined
    }
    if (!token) return undefined
    this.secrets.add(token)
    return { header: `Bearer ${token}` }
  }

  private async askForToken(url: URL, service: string, scopes: readonly string[]): Promise<Answer> {
    if (this.credentials !== undefined && 'identitytoken' in this.credentials) {
      const body = new URLSearchParams({
        grant_type: 'refresh_token',
        service,
        scope: scopes.join(' '),
        refresh_token: this.credentials.identitytoken,
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
    const login = this.login()
    return this.askService(url, {
      method: 'GET',
      headers: login ? { authorization: login.header } : {}
    })
  }
}
