import { randomUUID } from 'node:crypto'
import { FlowstoreError } from '../errors.js'
import { causeOf, isBroken } from '../http/fault.js'
import { retrying, sleep, type RetryRule, type Sleep } from '../http/retry.js'
import { send, type HttpAnswer, type Send } from '../http/send.js'
import { hiding } from '../util/hiding.js'
import * as z from '../util/schema.js'
import type { ApiAddress } from './address.js'
import { failureOf, noAnswer, strangeAnswer } from './failure.js'
import { isMadeSince, type Dated, type Written } from './records.js'

/** A request to the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the address of the API, with a slash in front. */
  readonly path: string
  readonly body?: object
  /** What it is for, in the words of an error: `read work pool "docker"`. */
  readonly what: string
  /** Whether sending it twice does no more than once; default true. */
  readonly isRepeatable?: boolean
  /** Whether it changes nothing on the server; default for GET. */
  readonly isRead?: boolean
  /** Whether older servers do not know the path, which is then as if nothing was found; default false. */
  readonly isNewer?: boolean
}

/** Options of a {@link Connection}. */
export interface ConnectionOptions {
  /** Sends requests; default {@link send}. */
  readonly send?: Send
  /** Waits between attempts; default a timer. */
  readonly sleep?: Sleep
}

/** Milliseconds that a write may still take when the deploy is interrupted: without its answer it may be done or not. */
const GRACE = 2_000

/** Statuses that Prefect's own client tries again. A 500 is a bug that the next attempt meets too. */
const TEMPORARY = new Set([408, 429, 502, 503, 504])

/** With these the server has not done anything. */
const UNTOUCHED = new Set([429, 503])

const isRefusedConnection = (error: unknown): boolean => causeOf(error) === 'ECONNREFUSED'

const REPEATABLE: RetryRule = {
  isTemporary: status => TEMPORARY.has(status),
  isPassing: error => isBroken(error) || isRefusedConnection(error)
}
const ONCE: RetryRule = {
  isTemporary: status => UNTOUCHED.has(status),
  isPassing: isRefusedConnection
}

/** What a server of 2.16 or newer says if a setting protects it and the token is missing, wrong or has expired. */
const CSRF = /CSRF token|Missing client identifier/

const tokenSchema = z.looseObject({ token: z.string() })

/** A server without this path answers `Not Found`; one without the object names it. */
function isUnknownPath({ body }: HttpAnswer): boolean {
  try {
    const { detail } = JSON.parse(body.toString('utf8')) as { detail?: unknown }
    return detail === 'Not Found'
  } catch {
    return true
  }
}

/** A signal that follows another after some time. */
function later(signal: AbortSignal | undefined, milliseconds: number): AbortSignal | undefined {
  if (signal === undefined) return undefined
  const controller = new AbortController()
  const abort = () => {
    setTimeout(() => {
      controller.abort()
    }, milliseconds).unref()
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}

/** Sends requests to one API, with its login; a failure that may pass is tried again up to three times. */
export class Connection {
  private readonly secrets: string[]
  private signal: AbortSignal | undefined
  /** One for all writes: each request would add a listener to the other. */
  private writeSignal: AbortSignal | undefined
  private token: Readonly<Record<string, string>> = {}
  /** When the server gave its last answer, by its own clock: milliseconds, down to a second. */
  serverTime: number | undefined

  constructor(
    readonly address: ApiAddress,
    private readonly options: ConnectionOptions = {}
  ) {
    this.secrets = [...address.secrets]
  }

  /** Ends requests and pauses from now on when a signal aborts; undefined for none. A write has a moment to end. */
  stopOn(signal: AbortSignal | undefined): void {
    this.signal = signal
    this.writeSignal = later(signal, GRACE)
  }

  /** A text without the login and without the values of {@link keepSecret}. */
  hide(text: string): string {
    return hiding(this.secrets)(text)
  }

  /** Replaces a value by `***` in all messages from now on. */
  keepSecret(value: string): void {
    this.secrets.push(value)
  }

  /**
   * Sends a request.
   *
   * @param schema of the answer
   * @returns undefined for a 404
   * @throws FlowstoreError PREFECT_API
   */
  async find<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.answer(request)
    if (answer.status !== 404) return this.read(request, answer, schema)
    if (!request.isNewer && isUnknownPath(answer)) this.check(request, answer)
    return undefined
  }

  /** Sends a request, as {@link find}, whose answer can't be a 404. */
  async ask<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> {
    return this.read(request, await this.answer(request), schema)
  }

  /** Sends a request that makes a record, or writes or finds the one that there is. */
  async make<T extends Dated>(request: ApiRequest, schema: z.ZodType<T>): Promise<Written<T>> {
    const since = this.serverTime
    let isLost = false
    const answer = await this.answer(request, () => {
      isLost = true
    })
    const record = this.read(request, answer, schema)
    // An attempt before may have made it.
    const isNew = answer.status === 201 || (isLost && isMadeSince(record, since))
    return { record, isNew }
  }

  /** Sends a request, and returns its status. A 404 is no failure. */
  async status(request: ApiRequest): Promise<number> {
    const answer = await this.answer(request)
    if (answer.status !== 404) this.check(request, answer)
    return answer.status
  }

  private read<T>(request: ApiRequest, answer: HttpAnswer, schema: z.ZodType<T>): T {
    this.check(request, answer)
    let json: unknown
    try {
      json = JSON.parse(answer.body.toString('utf8'))
    } catch {
      throw this.hidden(strangeAnswer(this.address, request.what, 'it is no JSON'))
    }
    const { data, error } = schema.safeParse(json)
    if (error === undefined) return data
    const why = z.faultText(error, json)
    throw this.hidden(strangeAnswer(this.address, request.what, why))
  }

  private check({ what }: ApiRequest, answer: HttpAnswer): void {
    if (answer.status >= 200 && answer.status < 300) return
    throw this.hidden(failureOf(this.address, what, answer))
  }

  /** @param onLost called for an attempt that may have done what was asked and did not say so */
  private async answer(request: ApiRequest, onLost?: () => void): Promise<HttpAnswer> {
    const { method, path, what, isRead = method === 'GET' } = request
    try {
      const answer = await this.attempts(request, onLost)
      if (answer.status !== 403 || !CSRF.test(answer.body.toString('utf8'))) return answer
      // The server wants a token that it gave, or its last one has expired.
      this.token = await this.newToken()
      return await this.attempts(request, onLost)
    } catch (error) {
      if (this.signal?.aborted) {
        const done = isRead ? '' : `, before the server had answered to ${method} ${path}`
        throw new FlowstoreError('INTERRUPTED', `the deploy was interrupted${done}`)
      }
      throw this.hidden(
        error instanceof FlowstoreError ? error : noAnswer(this.address, what, error)
      )
    }
  }

  private async attempts(request: ApiRequest, onLost?: () => void): Promise<HttpAnswer> {
    const { method, path, body, isRepeatable = true, isRead = method === 'GET' } = request
    const { authorization, url, headers, trust, timeout } = this.address
    const sending = this.options.send ?? send
    const signal = isRead ? this.signal : this.writeSignal
    const answer = await retrying(
      async () => {
        const sent = sending(new URL(`${url}${path}`), {
          method,
          headers: {
            accept: 'application/json',
            ...headers,
            ...(authorization === undefined ? {} : { authorization }),
            ...this.token,
            ...(body === undefined ? {} : { 'content-type': 'application/json' })
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          timeout,
          signal,
          trust
        })
        const answered = await sent.catch((error: unknown) => {
          if (!isRefusedConnection(error)) onLost?.()
          throw error
        })
        if (TEMPORARY.has(answered.status) && !UNTOUCHED.has(answered.status)) onLost?.()
        return answered
      },
      this.options.sleep ?? (milliseconds => sleep(milliseconds, this.signal)),
      isRepeatable ? REPEATABLE : ONCE
    )
    const time = Date.parse(answer.headers.get('date') ?? '')
    if (!Number.isNaN(time)) this.serverTime = time
    return answer
  }

  /** The headers with a token of a server that is protected against forged requests. */
  private async newToken(): Promise<Readonly<Record<string, string>>> {
    const client = randomUUID()
    const request: ApiRequest = {
      method: 'GET',
      path: `/csrf-token?client=${client}`,
      what: 'read a token'
    }
    const { token } = this.read(request, await this.attempts(request), tokenSchema)
    this.keepSecret(token)
    return { 'prefect-csrf-token': token, 'prefect-csrf-client': client }
  }

  private hidden(error: FlowstoreError): FlowstoreError {
    error.message = this.hide(error.message)
    return error
  }
}
