import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { connectionOptions, type EngineAddress } from './address.js'
import { connectionFault, DaemonError, NoAnswer } from '../daemon-error.js'
import { timeLimits, type TimeLimits } from './time-limits.js'
import { upload } from '../../http/upload.js'

/** A request to the Docker Engine API. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** What the daemon is asked for, for messages: `creating a container of python:3.9`. */
  readonly doing: string
  /** How long the connection may be silent; default `answer`. `wait` is for ever. */
  readonly limit?: keyof TimeLimits | 'wait'
  /** Sent as JSON. */
  readonly json?: unknown
  /** A tar archive. */
  readonly archive?: Buffer | NodeJS.ReadableStream
  /** A registry's login, sent in the header `X-Registry-Auth`. */
  readonly login?: object
  readonly signal?: AbortSignal
  /** Whether this process may end before the answer; default false. */
  readonly background?: boolean
}

/** Milliseconds that a connection stays open for the next request, as with Node's own agent. */
const IDLE = 5_000

/**
 * A small client of the Docker Engine API, for requests with a single answer and for containers. dockerode
 * takes 78 ms to load (Node 20, two cores), and every load of flows in a container would wait for that. So it
 * is imported only for what this client does not do, see `../images`.
 *
 * Every method throws {@link DaemonError}.
 */
export class Engine {
  private readonly agent: http.Agent

  /**
   * @param idle milliseconds after which an unused connection is closed, since a daemon leaves it open for ever, and a
   * program that builds many times would collect them
   */
  constructor(
    private readonly address: EngineAddress,
    readonly limits: TimeLimits = timeLimits(),
    idle = IDLE
  ) {
    const { Agent } = address.kind === 'https' ? https : http
    this.agent = new Agent({ keepAlive: true, timeout: idle })
  }

  /**
   * Sends a request and reads the answer.
   *
   * @param read reads it to its end
   */
  async read<T>(
    request: EngineRequest,
    read: (answer: http.IncomingMessage) => Promise<T>
  ): Promise<T> {
    const { doing, json, archive } = request
    const sent = this.request(request)
    const answering = new Promise<http.IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject)
    })
    if (archive !== undefined && !Buffer.isBuffer(archive)) void upload(archive, sent)
    else sent.end(json === undefined ? archive : JSON.stringify(json))
    let answer: http.IncomingMessage | undefined
    try {
      answer = await answering
      await accept(answer, doing)
      return await read(answer)
    } catch (error) {
      const isOfConnection = answer === undefined || answer.errored === error || answer.aborted
      throw isOfConnection ? connectionFault(error, doing) : error
    } finally {
      // Else an answer that is not read to its end would keep this process alive.
      if (answer?.readableEnded === false) answer.destroy()
    }
  }

  /** Sends a request and reads the JSON of the answer; undefined if it is empty. */
  ask<T>(request: EngineRequest): Promise<T> {
    return this.read(request, async answer => {
      const body = await bodyText(answer)
      try {
        return (body === '' ? undefined : JSON.parse(body)) as T
      } catch (cause) {
        throw new DaemonError(`its answer is not JSON: ${body.trim().slice(0, LONGEST_WORDS)}`, {
          doing: request.doing,
          cause
        })
      }
    })
  }

  /**
   * Sends a request, and returns the raw connection in both directions.
   *
   * @param protocol what both speak from then on
   */
  attach(
    path: string,
    doing: string,
    protocol: 'tcp' | 'h2c' = 'tcp',
    headers: http.OutgoingHttpHeaders = {}
  ): Promise<Duplex> {
    const request = { method: 'POST', path, doing, limit: 'work' } as const
    const sent = this.request(request, { ...headers, connection: 'Upgrade', upgrade: protocol })
    return new Promise((resolve, reject) => {
      sent.on('error', error => {
        reject(connectionFault(error, doing))
      })
      sent.on(
        'upgrade',
        (_answer, socket: Duplex & { setTimeout?: (limit: number) => void }, head: Buffer) => {
          socket.setTimeout?.(0)
          if (head.length > 0) socket.unshift(head)
          resolve(socket)
        }
      )
      sent.on('response', answer => {
        accept(answer, doing).then(
          () => {
            answer.destroy()
            const { statusCode: status } = answer
            reject(new DaemonError('it did not open the connection', { status, doing }))
          },
          (error: unknown) => {
            reject(connectionFault(error, doing))
          }
        )
      })
      sent.end()
    })
  }

  private request(
    { method, path, json, archive, login, signal, background, limit = 'answer' }: EngineRequest,
    headers: http.OutgoingHttpHeaders = {}
  ): http.ClientRequest {
    const { request } = this.address.kind === 'https' ? https : http
    const sent = request({
      ...connectionOptions(this.address),
      method,
      path,
      agent: this.agent,
      signal,
      headers: { ...contentType(json, archive), ...loginHeader(login), ...headers }
    })
    if (limit !== 'wait') endIfSilent(sent, this.limits[limit])
    return background ? sent.on('socket', socket => socket.unref()) : sent
  }
}

/** Fails a request, or its answer, if nothing comes or goes for so long. */
function endIfSilent(sent: http.ClientRequest, limit: number): void {
  let answer: http.IncomingMessage | undefined
  sent.on('response', begun => (answer = begun))
  sent.setTimeout(limit, () => {
    ;(answer ?? sent).destroy(new NoAnswer(limit))
  })
}

function contentType(json: unknown, archive: unknown): Readonly<Record<string, string>> {
  if (json !== undefined) return { 'content-type': 'application/json' }
  return archive === undefined ? {} : { 'content-type': 'application/x-tar' }
}

/** A daemon passes over a login without the padding, which Node leaves out. */
function loginHeader(login: object | undefined): Readonly<Record<string, string>> {
  if (login === undefined) return {}
  const text = Buffer.from(JSON.stringify(login)).toString('base64url')
  return { 'x-registry-auth': text.padEnd(Math.ceil(text.length / 4) * 4, '=') }
}

const bodyText = async (answer: http.IncomingMessage): Promise<string> =>
  (await buffer(answer)).toString('utf8')

/** @throws DaemonError for an answer with an error status; the system's error if it breaks */
async function accept(answer: http.IncomingMessage, doing: string): Promise<void> {
  const { statusCode: status = 0 } = answer
  if (status < 400) return
  throw new DaemonError(wordsIn(await bodyText(answer)) || `status ${status}`, { status, doing })
}

/** Characters of an answer that is not the daemon's. */
const LONGEST_WORDS = 500

/** The `message` of the daemon's JSON, else the whole text, since a proxy may answer instead. */
function wordsIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message)
  } catch {
    return body.trim().slice(0, LONGEST_WORDS)
  }
}
