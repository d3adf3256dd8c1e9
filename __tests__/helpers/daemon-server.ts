import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach } from '@jest/globals'
import { Daemon } from '../../src/docker/daemon.js'
import { temporaryFolder } from './flowstore.js'

/** A Docker daemon that answers as a test says. */
export interface DaemonServer {
  readonly daemon: Daemon
  readonly server: Server
  readonly socketPath: string
  /** Each request: `GET /images/a/json`. */
  readonly log: string[]
}

const closing: Server[] = []
afterEach(() => {
  for (const server of closing.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** A server on a socket of its own until the test's end. */
export async function serveDaemon(
  answer: (asked: IncomingMessage, answer: ServerResponse) => void
): Promise<DaemonServer> {
  const socketPath = join(temporaryFolder(), 'docker.sock')
  const log: string[] = []
  const server = createServer((asked, response) => {
    log.push(`${asked.method ?? ''} ${asked.url ?? ''}`)
    answer(asked, response)
  })
  closing.push(server)
  await new Promise<void>(done => server.listen(socketPath, done))
  const daemon = new Daemon(`unix://${socketPath}`, { kind: 'socket', path: socketPath })
  return { daemon, server, socketPath, log }
}

/** What a daemon answers: a status and JSON, or lines of JSON as builds, pulls and pushes have them. */
export type Answers = Readonly<
  Record<string, { readonly status: number; readonly json?: unknown; readonly lines?: unknown[] }>
>

/** A daemon with an answer for each request, by `METHOD /path` without the query; else 404. */
export const serveAnswers = (answers: Answers): Promise<DaemonServer> =>
  serveDaemon((asked, response) => {
    const { pathname } = new URL(asked.url ?? '', 'http://docker')
    const line = `${asked.method ?? ''} ${decodeURIComponent(pathname)}`
    const { status, json, lines } = answers[line] ?? {
      status: 404,
      json: { message: `no answer to ${line}` }
    }
    const text = lines
      ? lines.map(entry => `${JSON.stringify(entry)}\r\n`).join('')
      : JSON.stringify(json)
    void buffer(asked).then(() => response.writeHead(status).end(text))
  })
