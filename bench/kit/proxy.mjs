// A proxy in front of a registry that counts bytes and requests.
import { once } from 'node:events'
import { Agent, createServer, request as httpRequest } from 'node:http'

/**
 * Starts a proxy on 127.0.0.1. It counts all bytes of its clients' connections, including headers and
 * attempts at TLS. `host` and `location` headers name the proxy, as if it were the registry.
 *
 * @param upstream `host:port` of a registry without TLS
 */
export const countingProxy = async upstream => {
  const [host, port] = upstream.split(':')
  const agent = new Agent({ keepAlive: true })
  const sockets = new Set()
  let requests = []
  let other = 0
  let gone = { received: 0, sent: 0 }

  const server = createServer((incoming, outgoing) => {
    // Without the session of an upload, and with digests as short as docker shows them.
    const path = incoming.url.split('?')[0].replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1')
    requests.push(`${incoming.method} ${path.replace(/(uploads\/).+/, '$1…')}`)
    const forwarded = httpRequest(
      {
        host,
        port,
        agent,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers
      },
      answer => {
        outgoing.writeHead(answer.statusCode, answer.rawHeaders)
        answer.pipe(outgoing)
      }
    )
    forwarded.on('error', error => outgoing.destroy(error))
    incoming.on('aborted', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  // A client that tries TLS first.
  server.on('clientError', (_error, socket) => {
    other += 1
    socket.destroy()
  })
  server.on('connection', socket => {
    const known = { socket, received: 0, sent: 0 }
    sockets.add(known)
    socket.on('close', () => {
      sockets.delete(known)
      gone.received += socket.bytesWritten - known.received
      gone.sent += socket.bytesRead - known.sent
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    /** The address, as in image names. */
    url: `127.0.0.1:${server.address().port}`,
    /** Sets the counts to zero. */
    reset() {
      requests = []
      other = 0
      gone = { received: 0, sent: 0 }
      for (const known of sockets) {
        known.received = known.socket.bytesWritten
        known.sent = known.socket.bytesRead
      }
    },
    /** The bytes that clients received and sent since then, and their requests. */
    count() {
      const total = { ...gone, requests: [...requests], attemptsAtTls: other }
      for (const { socket, received, sent } of sockets) {
        total.received += socket.bytesWritten - received
        total.sent += socket.bytesRead - sent
      }
      return total
    },
    async close() {
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await once(server, 'close').catch(() => {})
    }
  }
}
