import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from '@jest/globals'
import { packTar } from '../../../src/util/tar.js'
import { serveDaemon, type DaemonServer } from '../../helpers/daemon-server.js'

type Answer = (answer: ServerResponse) => unknown

const says = (status: number, message: string): Answer => {
  const body = JSON.stringify({ message })
  return answer => answer.writeHead(status).end(body)
}

const sockets: Duplex[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A frame of standard output. */
function frame(text: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(1, 0)
  header.writeUInt32BE(text.length, 4)
  return Buffer.concat([header, Buffer.from(text)])
}

/**
 * A daemon with the container `c`, which prints a word and ends with the exit code 3.
 *
 * @param answers in place of the right ones, by `METHOD action`, such as `POST start`
 */
async function daemonWith(answers: Record<string, Answer> = {}): Promise<DaemonServer> {
  const right: Record<string, Answer> = {
    'POST create': answer => answer.end('{"Id":"c"}'),
    'POST start': answer => {
      answer.writeHead(204).end()
      sockets.at(-1)?.end(frame('word'))
    },
    'POST wait': answer => answer.end('{"StatusCode":3}'),
    'PUT archive': answer => answer.end(),
    'GET archive': answer => packTar([{ path: 'out/a', content: 'A' }]).pipe(answer),
    'POST kill': answer => answer.writeHead(204).end(),
    'DELETE c': answer => answer.writeHead(204).end()
  }
  const server = await serveDaemon((asked, answer) => {
    asked.resume()
    const action = /\/(\w+)(?:\?.*)?$/.exec(asked.url ?? '')?.[1] ?? ''
    const line = `${asked.method ?? ''} ${action}`
    const found = answers[line] ?? right[line] ?? says(404, `no answer to ${line}`)
    asked.on('end', () => found(answer))
  })
  server.server.on('upgrade', (_asked, socket: Duplex) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  })
  return server
}

const RUN = { image: 'a', command: ['true'] }
const removals = ({ log }: DaemonServer) => log.filter(line => line.startsWith('DELETE'))

test('a run gives exit code, output and files, and removes its container', async () => {
  const server = await daemonWith()
  const { exitCode, log, files } = await server.daemon.run({ ...RUN, output: '/x/out' })
  expect([exitCode, log]).toEqual([3, 'word'])
  expect([...files].map(([path, content]) => [path, content.toString()])).toEqual([['a', 'A']])
  expect(removals(server)).toEqual(['DELETE /containers/c?force=true&v=true'])
})

test('what is printed is told as it comes', async () => {
  const server = await daemonWith()
  const seen: string[] = []
  await server.daemon.run({ ...RUN, onOutput: chunk => seen.push(chunk.toString()) })
  expect(seen).toEqual(['word'])
})

test.each([
  [404, 'no such container'],
  [409, 'removal of container c is already in progress']
])('a container whose removal is answered with %d is removed', async (status, words) => {
  const server = await daemonWith({ 'DELETE c': says(status, words) })
  expect(await server.daemon.run(RUN)).toMatchObject({ exitCode: 3 })
})

test('a container that can’t be removed is an error in the daemon’s words', async () => {
  const server = await daemonWith({ 'DELETE c': says(500, 'device is busy') })
  await expect(server.daemon.run(RUN)).rejects.toMatchObject({
    code: 'DAEMON',
    status: 500,
    words: 'device is busy'
  })
})

test('a command that can’t be started is told, and its container removed', async () => {
  const server = await daemonWith({ 'POST start': says(400, 'no such program') })
  await expect(server.daemon.run(RUN)).rejects.toMatchObject({ words: 'no such program' })
  expect(removals(server)).toHaveLength(1)
})

test('of two failures the first is told', async () => {
  const server = await daemonWith({
    'POST start': says(400, 'no such program'),
    'DELETE c': says(500, 'device is busy')
  })
  await expect(server.daemon.run(RUN)).rejects.toMatchObject({ words: 'no such program' })
})

test('a run that is aborted ends with the reason, and its container is removed', async () => {
  const controller = new AbortController()
  const server = await daemonWith({
    'POST wait': () => {
      controller.abort(new Error('cancelled'))
    },
    'DELETE c': answer => {
      answer.writeHead(204).end()
      for (const socket of sockets) socket.destroy()
      server.server.closeAllConnections()
    }
  })
  await expect(server.daemon.run({ ...RUN, signal: controller.signal })).rejects.toThrow(
    'cancelled'
  )
  expect(removals(server).length).toBeGreaterThan(0)
})

test('a run that was aborted before makes no container', async () => {
  const server = await daemonWith()
  await expect(
    server.daemon.run({ ...RUN, signal: AbortSignal.abort(new Error('cancelled')) })
  ).rejects.toThrow('cancelled')
  expect(server.log).toEqual([])
})

test('an ephemeral container is killed, and removed by the daemon', async () => {
  const server = await daemonWith()
  const container = await server.daemon.start({ ...RUN, ephemeral: true })
  await container.remove()
  expect(server.log).toContain('POST /containers/c/kill')
  expect(removals(server)).toEqual([])
})

test('an ephemeral container that has ended is removed already', async () => {
  const server = await daemonWith({ 'POST kill': says(409, 'container c is not running') })
  const container = await server.daemon.start({ ...RUN, ephemeral: true })
  expect(await container.ended).toBe(3)
  await expect(container.remove()).resolves.toBeUndefined()
})

test('files are put into a container before its start', async () => {
  const server = await daemonWith()
  await server.daemon.run({ ...RUN, files: [{ path: 'a', content: 'A' }] })
  const put = server.log.indexOf('PUT /containers/c/archive?path=%2F')
  expect(put).toBeGreaterThan(0)
  expect(put).toBeLessThan(server.log.indexOf('POST /containers/c/start'))
})

test('the time of a container is that of the daemon’s clock', async () => {
  const server = await daemonWith({
    'GET json': answer => answer.end('{"Created":"2026-01-01T00:00:01.5Z"}')
  })
  const container = await server.daemon.start(RUN)
  expect(await container.created()).toBe(Date.UTC(2026, 0, 1, 0, 0, 1.5) / 1000 + 0.5)
})
