import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { Engine } from '../../../../src/docker/engine/engine.js'
import { timeLimits } from '../../../../src/docker/engine/time-limits.js'
import { packTar, unpackTar } from '../../../../src/util/tar.js'
import { serveDaemon } from '../../../helpers/daemon-server.js'

/** A client of a server with this answer. */
async function engineThat(
  answer: (asked: IncomingMessage, answer: ServerResponse) => void
): Promise<Engine> {
  const { socketPath } = await serveDaemon(answer)
  return new Engine({ kind: 'socket', path: socketPath })
}

test('a request body is sent as JSON', async () => {
  const engine = await engineThat((asked, answer) => {
    void text(asked).then(body =>
      answer.end(JSON.stringify([asked.method, asked.headers['content-type'], body]))
    )
  })
  expect(await engine.ask({ method: 'POST', path: '/a', doing: 'asking', json: { b: 1 } })).toEqual(
    ['POST', 'application/json', '{"b":1}']
  )
})

test('an empty response is undefined', async () => {
  const engine = await engineThat((_asked, answer) => answer.writeHead(204).end())
  expect(await engine.ask({ method: 'GET', path: '/a', doing: 'asking' })).toBeUndefined()
})

test.each([
  [409, '{"message":"it is in use"}', 'it is in use'],
  [502, '<html>', '<html>'],
  [500, '', 'status 500']
])('a response with status %d is an error with the message of %j', async (status, body, words) => {
  const engine = await engineThat((_asked, answer) => answer.writeHead(status).end(body))
  await expect(engine.ask({ method: 'GET', path: '/a', doing: 'asking' })).rejects.toMatchObject({
    code: 'DAEMON',
    status,
    words
  })
})

test('an aborted request ends with the reason of its signal', async () => {
  const engine = await engineThat(() => undefined)
  const asking = engine.ask({
    method: 'GET',
    path: '/a',
    doing: 'asking',
    signal: AbortSignal.timeout(20)
  })
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' })
})

const readArchive = (asked: IncomingMessage, answer: ServerResponse) => {
  unpackTar(asked).then(
    files => answer.end(JSON.stringify([...files.keys()])),
    () => answer.destroy()
  )
}

test('an archive is streamed', async () => {
  const engine = await engineThat(readArchive)
  const archive = packTar([{ path: 'a', content: 'b' }])
  expect(await engine.ask({ method: 'PUT', path: '/archive', doing: 'asking', archive })).toEqual([
    'a'
  ])
})

test('the upload of an archive fails with the error of the archive', async () => {
  const engine = await engineThat(readArchive)
  const archive = packTar([{ path: 'a', source: '/nonexistent/file', size: 3 }])
  await expect(
    engine.ask({ method: 'PUT', path: '/archive', doing: 'asking', archive })
  ).rejects.toMatchObject({
    code: 'FILE_CHANGED'
  })
})

test('an attached connection carries bytes in both directions', async () => {
  const { server, socketPath } = await serveDaemon(() => undefined)
  const engine = new Engine({ kind: 'socket', path: socketPath })
  server.on('upgrade', (_asked, socket: Duplex) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst')
    socket.pipe(socket)
  })
  const socket = await engine.attach('/containers/y/attach', 'attaching')
  const heard = new Promise<string>(done => {
    let received = ''
    socket.on('data', (data: Buffer) => {
      received += data.toString()
      if (received.endsWith('last')) done(received)
    })
  })
  socket.end('last')
  expect(await heard).toBe('firstlast')
  socket.destroy()
})

test.each([
  [404, 'no such container'],
  [200, 'it did not open the connection']
])('a daemon that answers %d does not attach', async (status, words) => {
  const engine = await engineThat((_asked, answer) =>
    answer.writeHead(status).end('{"message":"no such container"}')
  )
  await expect(engine.attach('/containers/x/attach', 'attaching')).rejects.toMatchObject({
    status,
    words
  })
})

const LIMITS = { answer: 100, work: 100, progress: 100 }

test.each([
  ['says nothing', () => undefined],
  [
    'stops in the middle of its answer',
    (_asked: unknown, answer: ServerResponse) => answer.write('{')
  ]
])('a daemon that %s is an error after the time limit', async (_, answer) => {
  const { socketPath } = await serveDaemon(answer)
  const engine = new Engine({ kind: 'socket', path: socketPath }, LIMITS)
  await expect(
    engine.ask({ method: 'GET', path: '/a', doing: 'asking for a' })
  ).rejects.toMatchObject({
    code: 'DAEMON',
    isBroken: true,
    message: 'the Docker daemon failed while asking for a: no answer for 0.1 s'
  })
})

test.each([
  ['before', 'it closed the connection without an answer'],
  ['during', 'it closed the connection in the middle of its answer']
])('a connection that closes %s the answer is an error', async (when, words) => {
  const engine = await engineThat((asked, answer) => {
    if (when === 'before') asked.socket.destroy()
    else answer.write('{', () => asked.socket.destroy())
  })
  await expect(engine.ask({ method: 'GET', path: '/a', doing: 'asking' })).rejects.toMatchObject({
    code: 'DAEMON',
    isBroken: true,
    words
  })
})

test('an answer that is not JSON is an error with its text', async () => {
  const engine = await engineThat((_asked, answer) => answer.end('<html>'))
  await expect(engine.ask({ method: 'GET', path: '/a', doing: 'asking' })).rejects.toMatchObject({
    code: 'DAEMON',
    words: 'its answer is not JSON: <html>'
  })
})

const IDLE = 20

test('a connection that is not used again is closed', async () => {
  const { server, socketPath } = await serveDaemon((_asked, answer) => answer.end('1'))
  // As a daemon, which closes none.
  server.keepAliveTimeout = 0
  const closed = once(server, 'connection').then(([socket]) => once(socket as Duplex, 'close'))
  const engine = new Engine({ kind: 'socket', path: socketPath }, timeLimits(), IDLE)
  await engine.ask({ method: 'GET', path: '/a', doing: 'asking' })
  // Without an error.
  expect(await closed).toEqual([false])
})

test('a connection that waits for an answer stays open', async () => {
  const { socketPath } = await serveDaemon((_asked, answer) => {
    setTimeout(() => answer.end('1'), 5 * IDLE)
  })
  const engine = new Engine({ kind: 'socket', path: socketPath }, timeLimits(), IDLE)
  expect(await engine.ask({ method: 'GET', path: '/a', doing: 'asking', limit: 'wait' })).toBe(1)
})
