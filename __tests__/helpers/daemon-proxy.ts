import { createServer, request as ask, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { temporaryFolder } from './flowstore.js'

/** What the proxy does instead of passing a request on and its answer back. */
export const DAEMON_FAULTS = [
  /** It closes the connection; the daemon gets nothing. */
  'closed',
  /** The daemon does its work, and the answer is lost. */
  'lost',
  /** Half of the answer comes, then the connection closes. */
  'cut',
  'status 500',
  'status 404',
  /** It says nothing, and the daemon gets nothing. */
  'hang',
  /** The daemon does its work, and the answer never comes. */
  'hang later',
  /** An error in the stream of a build, a pull or a push; else an answer that is no JSON. */
  'error inside'
] as const
export type DaemonFault = (typeof DAEMON_FAULTS)[number]

/** A request that came: its index from 0, and `POST /containers/create` without the query and ids. */
export interface CameIn {
  readonly index: number
  readonly line: string
}

/** A proxy on a socket in front of a real daemon. */
export interface DaemonProxy {
  /** For DOCKER_HOST. */
  readonly host: string
  readonly log: CameIn[]
  /** Ids of the containers that were created through it. */
  readonly created: Set<string>
  /** Which fault a request meets; undefined for none. */
  plan: (request: CameIn) => DaemonFault | undefined
  /** Called for each request, before anything is done with it. */
  onRequest: (request: CameIn) => void
  close(): Promise<void>
}

const WORDS: Readonly<Record<string, [number, string]>> = {
  'status 500': [500, 'the planned fault'],
  'status 404': [404, 'No such image: planned']
}

const lineOf = (asked: IncomingMessage): string => {
  const path = (asked.url ?? '').split('?')[0] ?? ''
  return `${asked.method ?? ''} ${path
    .replace(/\/containers\/(?!create$|json$)[^/]+/, '/containers/ID')
    .replace(/^\/images\/(?!create$).*\/(json|tag|push)$/, '/images/NAME/$1')
    .replace(/^\/distribution\/.*\/json$/, '/distribution/NAME/json')}`
}

/** The path of a socket in DOCKER_HOST. */
const socketOf = (host: string): string => host.replace(/^unix:\/\//, '')

/** Starts a proxy in front of the daemon at a `unix://` address. */
export async function daemonProxy(dockerHost: string): Promise<DaemonProxy> {
  const socketPath = join(temporaryFolder(), 'docker.sock')
  const onward = socketOf(dockerHost)
  const sockets = new Set<Duplex>()
  const proxy = {
    host: `unix://${socketPath}`,
    log: [] as CameIn[],
    created: new Set<string>(),
    plan: (() => undefined) as DaemonProxy['plan'],
    onRequest: (() => undefined) as DaemonProxy['onRequest']
  }
  const faultFor = (asked: IncomingMessage): DaemonFault | undefined => {
    const cameIn = { index: proxy.log.length, line: lineOf(asked) }
    proxy.log.push(cameIn)
    proxy.onRequest(cameIn)
    return proxy.plan(cameIn)
  }
  const server = createServer((asked, response) => {
    const fault = faultFor(asked)
    response.on('error', () => undefined)
    asked.on('error', () => undefined)
    if (fault === 'closed') {
      asked.socket.destroy()
      return
    }
    if (fault === 'hang') {
      asked.resume()
      return
    }
    const [status, message] = WORDS[fault ?? ''] ?? []
    if (status !== undefined || fault === 'error inside') {
      const error = { message: 'the planned fault' }
      const inside = /\/(build|create|push)$/.test(lineOf(asked))
        ? `${JSON.stringify({ errorDetail: error, error: error.message })}\r\n`
        : '<html>'
      const text = status === undefined ? inside : JSON.stringify({ message })
      asked.resume().on('end', () => response.writeHead(status ?? 200).end(text))
      return
    }
    const { method, url, headers } = asked
    const passed = ask({ socketPath: onward, method, path: url, headers }, answer => {
      answer.on('error', () => response.destroy())
      if (lineOf(asked) === 'POST /containers/create') noteId(answer, proxy.created)
      if (fault === 'lost' || fault === 'hang later') {
        answer.resume().on('end', () => {
          if (fault === 'lost') response.destroy()
        })
        return
      }
      if (fault === 'cut') {
        void cut(answer, response.socket)
        return
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    // The daemon ends what a client waits for when the client is gone.
    response.on('close', () => {
      if (!response.writableFinished && fault === undefined) passed.destroy()
    })
    asked.pipe(passed)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    const fault = faultFor(asked)
    socket.on('error', () => undefined)
    const [status, message] = WORDS[fault ?? ''] ?? []
    if (fault === 'closed') socket.destroy()
    else if (status !== undefined) {
      const text = JSON.stringify({ message })
      socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
    } else if (fault !== 'hang') {
      tunnel(asked, socket, head, onward, fault === 'error inside' ? 'cut' : fault)
    }
  })
  await new Promise<void>(done => server.listen(socketPath, done))
  return Object.assign(proxy, {
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(done => server.close(done))
    }
  })
}

/** Notes the id of a container from the answer to its creation. */
function noteId(answer: IncomingMessage, created: Set<string>): void {
  let body = ''
  answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
  answer.on('end', () => {
    const id = /"Id":"(\w+)"/.exec(body)?.[1]
    if (id !== undefined) created.add(id)
  })
}

/** Sends the head of an answer and half of its body as they are, then closes the connection. */
async function cut(answer: IncomingMessage, socket: Duplex | null): Promise<void> {
  const isLong = answer.headers['transfer-encoding'] === 'chunked'
  const first = isLong
    ? await new Promise<Buffer>(done => {
        answer.once('data', done).once('end', () => {
          done(Buffer.alloc(0))
        })
      })
    : await buffer(answer)
  const half = first.subarray(0, Math.floor(first.length / 2))
  const head = `HTTP/1.1 ${answer.statusCode ?? 200} X\r\nContent-Type: application/json\r\nContent-Length: ${Math.max(2, first.length)}\r\n\r\n`
  answer.destroy()
  socket?.write(head)
  socket?.write(half, () => socket.destroy())
}

/** Connects both sides of a connection that is no HTTP any more. */
function tunnel(
  asked: IncomingMessage,
  client: Duplex,
  head: Buffer,
  onward: string,
  fault: DaemonFault | undefined
): void {
  const daemon = connect(onward)
  const lines = asked.rawHeaders.flatMap((text, index) =>
    index % 2 === 0 ? [`${text}: ${asked.rawHeaders[index + 1] ?? ''}`] : []
  )
  daemon.write(`${asked.method ?? ''} ${asked.url ?? ''} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  daemon.write(head)
  daemon.on('error', () => client.destroy())
  client.on('close', () => daemon.destroy())
  client.pipe(daemon)
  if (fault === undefined) {
    daemon.pipe(client)
    return
  }
  // The answer "101 Switching Protocols" comes first, then what the other side says.
  let seen = 0
  daemon.on('data', (chunk: Buffer) => {
    seen += 1
    if (fault === 'hang later') return
    if (fault === 'cut' && seen === 1) client.write(chunk)
    if (fault === 'lost' || seen > 1) {
      client.destroy()
      daemon.destroy()
    }
  })
  daemon.on('close', () => {
    if (fault !== 'hang later') client.destroy()
  })
}
