import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { connectionOptions, type EngineAddress } from './address.js'
import { connectionFault, DaemonError } from '../daemon-error.js'
import { upload } from './upload.js'

/** A request to the Docker Engine API. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** Sent as JSON. */
  readonly json?: unknown
  /** A tar archive. */
  readonly archive?: Buffer | NodeJS.ReadableStream
  readonly signal?: AbortSignal
  /** Whether this process may end before the answer; default false. */
  readonly background?: boolean
}

/**
 * A small client of the Docker Engine API, for requests with a single answer and for containers. dockerode
 * takes 78 ms to load (Node 20, two cores), and every load of flows in a container would wait for that. So it
 * is imported only for what this client does not do, see `../images`.
 *
 * Every method throws {@link DaemonError}.
 */
export class Engine {
  private readonly agent: http.Agent

  constructor(private readonly address: EngineAddress) {
    const { Agent } = address.kind === 'https' ? https : http
    this.agent = new Agent({ keepAlive: true })
  }

  /** Sends a request and returns the stream of the answer. */
  async open(request: EngineRequest): Promise<http.IncomingMessage> {
    const sent = this.request(request)
    const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', error => {
        reject(connectionFault(error))
      })
    })
    const { json, archive } = request
    if (archive !== undefined && !Buffer.isBuffer(archive)) void upload(archive, sent)
    else sent.end(json === undefined ? archive : JSON.stringify(json))
    return accepted(await answer)
  }

  /** Sends a request and reads the JSON of the answer; undefined if it is empty. */
  async ask<T>(request: EngineRequest): Promise<T> {
    const body = await bodyText(await this.open(request))
    return (body === '' ? undefined : JSON.parse(body)) as T
  }

  /** Sends a request, and returns the raw connection in both directions. */
  attach(path: string): Promise<Duplex> {
    const sent = this.request({ method: 'POST', path }, { connection: 'Upgrade', upgrade: 'tcp' })
    return new Promise((resolve, reject) => {
      sent.on('error', error => {
        reject(connectionFault(error))
      })
      sent.on('upgrade', (_answer, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      sent.on('response', answer => {
        accepted(answer).then(({ statusCode }) => {
          answer.resume()
          reject(new DaemonError('it did not attach to the container', { status: statusCode }))
        }, reject)
      })
      sent.end()
    })
  }

  private request(
    { method, path, json, archive, signal, background }: EngineRequest,
    headers: Readonly<Record<string, string>> = {}
  ): http.ClientRequest {
    const { request } = this.address.kind === 'https' ? https : http
    const sent = request({
      ...connectionOptions(this.address),
      method,
      path,
      agent: this.agent,
      signal,
      headers: { ...contentType(json, archive), ...headers }
    })
    return background ? sent.on('socket', socket => socket.unref()) : sent
  }
}

function contentType(json: unknown, archive: unknown): Readonly<Record<string, string>> {
  if (json !== undefined) return { 'content-type': 'application/json' }
  return archive === undefined ? {} : { 'content-type': 'application/x-tar' }
}

async function bodyText(answer: http.IncomingMessage): Promise<string> {
  try {
    return (await buffer(answer)).toString('utf8')
  } catch (error) {
    throw connectionFault(error)
  }
}

async function accepted(answer: http.IncomingMessage): Promise<http.IncomingMessage> {
  const { statusCode: status = 0 } = answer
  if (status < 400) return answer
  throw new DaemonError(wordsIn(await bodyText(answer)) || `status ${status}`, { status })
}

/** The `message` of the daemon's JSON, else the whole text, since a proxy may answer instead. */
function wordsIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message)
  } catch {
    return body.trim()
  }
}
