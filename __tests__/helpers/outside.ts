import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { mustRun, temporaryFolder } from './flowstore.js'

/** An address of this machine that is not its loopback: for a client, another machine. */
export function outsideAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (found === undefined) throw new Error('this machine has no address but its loopback')
  return found.address
}

/** A door to a server of this machine. */
export interface Door {
  /** Address and port. */
  readonly host: string
  readonly close: () => void
}

/**
 * Lets a server that is on the loopback answer at another address of this machine too, without TLS or with a certificate
 * that it signed itself.
 *
 * @param to address and port
 */
export async function openDoor(to: string, security: 'plain' | 'self-signed'): Promise<Door> {
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(`http://${to}`)
  const pass = (socket: Socket) => {
    const inner = connect(Number(port), hostname)
    for (const each of [socket, inner]) {
      sockets.add(each)
      each.on('error', () => {
        socket.destroy()
        inner.destroy()
      })
    }
    socket.pipe(inner).pipe(socket)
  }
  const server: Server =
    security === 'plain' ? createServer(pass) : createTlsServer(await selfSigned(), pass)
  const address = outsideAddress()
  await new Promise<void>(done => server.listen(0, address, done))
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

async function selfSigned(): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  const folder = temporaryFolder()
  await mustRun(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '2', '-subj', '/CN=registry', '-keyout', 'key.pem', '-out', 'cert.pem']
    ],
    folder
  )
  return {
    cert: readFileSync(join(folder, 'cert.pem')),
    key: readFileSync(join(folder, 'key.pem'))
  }
}
