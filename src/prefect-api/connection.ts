import type { FlowstoreError } from '../errors.js'
import { causeOf, isBroken } from '../http/fault.js'
import { retrying, sleep, type RetryRule, type Sleep } from '../http/retry.js'
import { send, type HttpAnswer, type Send } from '../http/send.js'
import { hiding } from '../util/hiding.js'
import * as z from '../util/schema.js'
import type { ApiAddress } from './address.js'
import { failureOf, noAnswer, strangeAnswer } from './failure.js'

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
}

/** Options of a {@link Connection}. */
export interface ConnectionOptions {
  /** Sends requests; default {@link send}. */
  readonly send?: Send
  /** Waits between attempts; default a timer. */
  readonly sleep?: Sleep
}

/** Milliseconds for an answer. */
const TIMEOUT = 60_000

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

/** Sends requests to one API, with its login; a failure that may pass is tried again up to three times. */
export class Connection {
  private readonly secrets: string[]

  constructor(
    readonly address: ApiAddress,
    private readonly options: ConnectionOptions = {}
  ) {
    this.secrets = [...address.secrets]
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
    // A server without this address answers `Not Found`; one without the object names it.
    return undefined
  }

  /** Sends a request, as {@link find}, whose answer can't be a 404. */
  async ask<T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> {
    return this.read(request, await this.answer(request), schema)
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

  private async answer(request: ApiRequest): Promise<HttpAnswer> {
    const { method, path, body, what, isRepeatable = true } = request
    const { authorization, url } = this.address
    const sending = this.options.send ?? send
    try {
      return await retrying(
        () =>
          sending(new URL(`${url}${path}`), {
            method,
            headers: {
              accept: 'application/json',
              ...(authorization === undefined ? {} : { authorization }),
              ...(body === undefined ? {} : { 'content-type': 'application/json' })
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            timeout: TIMEOUT
          }),
        this.options.sleep ?? sleep,
        isRepeatable ? REPEATABLE : ONCE
      )
    } catch (error) {
      throw this.hidden(noAnswer(this.address, what, error))
    }
  }

  private hidden(error: FlowstoreError): FlowstoreError {
    error.message = this.hide(error.message)
    return error
  }
}
