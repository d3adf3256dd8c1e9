import { connect, type ClientHttp2Session } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { DaemonError } from '../../../../src/docker/daemon-error.js'
import { openBuildSession } from '../../../../src/docker/images/build-session.js'
import { serveAnswers } from '../../../helpers/daemon-server.js'

const SECRETS = new Map<string, string | Buffer>([
  ['TOKEN', 's3cret'],
  ['KEY', Buffer.from([0xff, 0, 0x0a])]
])
const GET_SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret'

/** A message of gRPC. */
const framed = (...bytes: readonly number[]): Buffer =>
  Buffer.from([0, 0, 0, 0, bytes.length, ...bytes])

/** A daemon whose side of a session is a client of HTTP/2, as BuildKit's is. */
async function openWithClient() {
  const { daemon, server } = await serveAnswers({})
  const connected = new Promise<ClientHttp2Session>(done => {
    server.on('upgrade', (_asked, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
      )
      done(connect('http://localhost', { createConnection: () => socket }))
    })
  })
  const session = await openBuildSession(daemon.engine, SECRETS)
  const client = await connected
  client.on('error', () => undefined)
  const ask = async (path: string, message: Buffer) => {
    const stream = client.request({ ':method': 'POST', ':path': path, te: 'trailers' })
    let status: unknown
    const note = (headers: Readonly<Record<string, unknown>>) => {
      status = headers['grpc-status'] ?? status
    }
    stream.on('response', note).on('trailers', note)
    stream.end(message)
    return { body: await buffer(stream), status }
  }
  return { session, client, ask }
}

test('BuildKit gets a secret by its id, and no other', async () => {
  const { session, client, ask } = await openWithClient()
  const id = (text: string) => framed(0x0a, text.length, ...Buffer.from(text))
  expect(await ask(GET_SECRET, id('TOKEN'))).toEqual({
    body: framed(0x0a, 6, ...Buffer.from('s3cret')),
    status: '0'
  })
  expect((await ask(GET_SECRET, id('KEY'))).body).toEqual(framed(0x0a, 3, 0xff, 0, 0x0a))
  expect(await ask(GET_SECRET, id('OTHER'))).toEqual({ body: Buffer.alloc(0), status: '5' })
  client.destroy()
  session.end()
})

test('a session says that it is alive, and gives no login of a registry', async () => {
  const { session, client, ask } = await openWithClient()
  expect(await ask('/grpc.health.v1.Health/Check', framed())).toEqual({
    body: framed(8, 1),
    status: '0'
  })
  const login = await ask('/moby.filesync.v1.Auth/Credentials', framed())
  expect(login).toEqual({ body: Buffer.alloc(0), status: '12' })
  client.destroy()
  session.end()
})

test('a daemon without BuildKit is told as such', async () => {
  const { daemon } = await serveAnswers({})
  const failure: unknown = await openBuildSession(daemon.engine, SECRETS).catch(
    (error: unknown) => error
  )
  expect(failure).toBeInstanceOf(DaemonError)
  expect(failure).toMatchObject({ status: 404, hint: expect.stringContaining('BuildKit') })
})
