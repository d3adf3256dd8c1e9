import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ImageInspectInfo } from 'dockerode'
import { upload } from './upload.js'

/** Where a Docker Engine is reached: a socket, or a host and port. */
export interface EngineAddress {
  readonly socketPath?: string
  readonly host?: string
  readonly port?: number | string
  readonly protocol?: 'http' | 'https'
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** What an engine answered in place of what was asked, in its words. */
export class EngineError extends Error {
  override readonly name = 'EngineError'

  constructor(
    readonly statusCode: number,
    words: string
  ) {
    super(words)
  }
}

/** A request to an engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** Sent as JSON. */
  readonly json?: unknown
  /** A tar archive. */
  readonly archive?: Buffer | NodeJS.ReadableStream
  readonly signal?: AbortSignal
  /** Whether this process may end before the answer is there; default false. */
  readonly background?: boolean
}

const wordsIn = (body: string): string => {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message)
  } catch {
    return body.trim()
  }
}

/**
 * The Docker Engine's API, as far as containers take it. What builds, pulls and pushes is dockerode's,
 * which alone takes longer to load than a container to be made.
 *
 * Every method throws {@link EngineError}, or what the system or TLS threw.
 */
export class Engine {
  private agent: Agent | undefined

  constructor(private readonly address: EngineAddress) {}

  /** Sends a request and gives the answer's stream. */
  async open(request: EngineRequest): Promise<IncomingMessage> {
    const sent = await this.request(request)
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject)
    })
    const { json, archive } = request
    if (archive !== undefined && !Buffer.isBuffer(archive)) {
      void upload(archive, sent)
    } else sent.end(json === undefined ? archive : JSON.stringify(json))
    return accepted(await answer)
  }

  /** Sends a request and reads the JSON of the answer; undefined where it is empty. */
  async ask<T>(request: EngineRequest): Promise<T> {
    const body = (await buffer(await this.open(request))).toString('utf8')
    return (body === '' ? undefined : JSON.parse(body)) as T
  }

  /** What the engine knows of an image that it has. */
  image(reference: string): Promise<ImageInspectInfo> {
    return this.ask({ method: 'GET', path: `/images/${reference}/json` })
  }

  /** Sends a request, and goes on with the raw connection in both directions. */
  async attach(path: string): Promise<Duplex> {
    const upgrade = { connection: 'Upgrade', upgrade: 'tcp' }
    const sent = await this.request({ method: 'POST', path }, upgrade)
    return new Promise((resolve, reject) => {
      sent.on('error', reject)
      sent.on('upgrade', (_answer, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      sent.on('response', answer => {
        accepted(answer).then(() => {
          reject(new Error('the daemon lets nobody attach to containers'))
        }, reject)
      })
      sent.end()
    })
  }

  private async request(
    { method, path, json, archive, signal, background }: EngineRequest,
    more: Record<string, string> = {}
  ): Promise<ClientRequest> {
    const isTls = this.address.protocol === 'https'
    const { Agent, request } = isTls ? await import('node:https') : await import('node:http')
    this.agent ??= new Agent({ keepAlive: true })
    const type = json === undefined ? (archive === undefined ? undefined : 'x-tar') : 'json'
    const options: RequestOptions = {
      ...this.address,
      ...{ protocol: undefined, method, path, agent: this.agent },
      ...(signal && { signal }),
      headers: { ...(type && { 'content-type': `application/${type}` }), ...more }
    }
    const sent = request(options)
    return background ? sent.on('socket', socket => socket.unref()) : sent
  }
}

async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const { statusCode = 0 } = answer
  if (statusCode < 400) return answer
  const words = wordsIn((await buffer(answer)).toString('utf8'))
  throw new EngineError(statusCode, words === '' ? `status ${statusCode}` : words)
}

const HEADER = 8

/**
 * What comes over an attached connection, taken apart: the bytes of both outputs of the container
 * (Docker Engine API, "Attach to a container": frames with a header of eight bytes).
 *
 * @param onOutput called with bytes as they come, and whether they are of standard error
 */
export function readFrames(
  onOutput: (bytes: Buffer, isError: boolean) => void
): (chunk: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0)
  let left = 0
  let isError = false
  return chunk => {
    let rest = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    kept = Buffer.alloc(0)
    while (rest.length > 0) {
      if (left === 0) {
        if (rest.length < HEADER) {
          kept = rest
          return
        }
        isError = rest.readUInt8(0) === 2
        left = rest.readUInt32BE(4)
        rest = rest.subarray(HEADER)
        continue
      }
      const bytes = rest.subarray(0, left)
      onOutput(bytes, isError)
      left -= bytes.length
      rest = rest.subarray(bytes.length)
    }
  }
}
