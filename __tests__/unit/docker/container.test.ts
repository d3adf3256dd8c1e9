import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { createContainer, startContainer } from '../../../src/docker/container.js'
import { processScope } from '../../../src/util/scope.js'
import { packTar, tarOf } from '../../../src/util/tar.js'
import { serveDaemon, type DaemonServer } from '../../helpers/daemon-server.js'

type Answer = (answer: ServerResponse, body: string) => unknown

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
 * @param answers instead of the right ones, by `METHOD action`, such as `POST start`
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
    const action = /\/(\w+)(?:\?.*)?$/.exec(asked.url ?? '')?.[1] ?? ''
    const line = `${asked.method ?? ''} ${action}`
    const found = answers[line] ?? right[line] ?? says(404, `no answer to ${line}`)
    void buffer(asked).then(body => found(answer, body.toString()))
  })
  server.server.on('upgrade', (_asked, socket: Duplex) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  })
  return server
}

const START = { image: 'a', command: ['true', 'x'] }
const removals = ({ log }: DaemonServer) => log.filter(line => line.startsWith('DELETE'))

test('a container is created with its image, command and variables', async () => {
  let body = ''
  const server = await daemonWith({
    'POST create': (answer, asked) => {
      body = asked
      answer.end('{"Id":"c"}')
    }
  })
  await startContainer(server.daemon.engine, { ...START, env: { A: '1' }, workingDirectory: '/x' })
  expect(JSON.parse(body)).toMatchObject({
    Image: 'a',
    Entrypoint: ['true'],
    Cmd: ['x'],
    Env: ['A=1'],
    WorkingDir: '/x'
  })
})

test('a confined container has no network, no mount and few rights', async () => {
  let body = ''
  const server = await daemonWith({
    'POST create': (answer, asked) => {
      body = asked
      answer.end('{"Id":"c"}')
    }
  })
  await startContainer(server.daemon.engine, {
    ...START,
    confined: { memory: undefined, processes: 9 }
  })
  const { HostConfig: config } = JSON.parse(body) as { HostConfig: Record<string, unknown> }
  expect(config).toEqual({
    NetworkMode: 'none',
    LogConfig: { Type: 'none', Config: {} },
    AutoRemove: false,
    PidsLimit: 9,
    SecurityOpt: ['no-new-privileges'],
    CapDrop: ['ALL'],
    CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID']
  })
})

test('the exit code comes after all that the command printed', async () => {
  const server = await daemonWith()
  const container = await startContainer(server.daemon.engine, START)
  const printed = text(container.output)
  expect(await container.ended).toBe(3)
  expect(await printed).toBe('word')
})

test('the files of a folder are read by their paths in it', async () => {
  const server = await daemonWith()
  const container = await startContainer(server.daemon.engine, START)
  const files = await container.read('/x/out', 100)
  expect([...files].map(([path, content]) => [path, content.toString()])).toEqual([['a', 'A']])
  expect(server.log).toContain('GET /containers/c/archive?path=%2Fx%2Fout')
})

test.each([
  ['is no archive', '<html>'],
  ['ends in the middle of an archive', 'half']
])('an answer with files that %s is a failure of the daemon', async (_, kind) => {
  const whole = await tarOf([{ path: 'out/a', content: 'A'.repeat(2_000) }])
  const server = await daemonWith({
    'GET archive': answer => answer.end(kind === 'half' ? whole.subarray(0, 1_000) : kind)
  })
  const container = await startContainer(server.daemon.engine, START)
  await expect(container.read('/x/out', 9_000)).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringMatching(/while reading files of .*: its answer is not a whole archive$/)
  })
})

test('files are put below the root', async () => {
  const server = await daemonWith()
  const container = await startContainer(server.daemon.engine, START)
  await container.put([{ path: 'a', content: 'A' }])
  expect(server.log.at(-1)).toBe('PUT /containers/c/archive?path=%2F')
})

test('the creation time of a container is that of the daemon’s clock', async () => {
  const server = await daemonWith({
    'GET json': answer => answer.end('{"Created":"2026-01-01T00:00:01.5Z"}')
  })
  const container = await startContainer(server.daemon.engine, START)
  expect(await container.created()).toBe(Date.UTC(2026, 0, 1, 0, 0, 1) / 1000 + 0.5)
})

test('a container is removed with its volumes', async () => {
  const server = await daemonWith()
  const container = await startContainer(server.daemon.engine, START)
  await container.remove()
  expect(removals(server)).toEqual(['DELETE /containers/c?force=true&v=true'])
})

test.each([
  [404, 'no such container'],
  [409, 'removal of container c is already in progress']
])('a container whose removal is answered with %d is removed', async (status, words) => {
  const server = await daemonWith({ 'DELETE c': says(status, words) })
  const container = await startContainer(server.daemon.engine, START)
  await expect(container.remove()).resolves.toBeUndefined()
})

test('a container that can’t be removed is an error in the daemon’s words', async () => {
  const server = await daemonWith({ 'DELETE c': says(500, 'device is busy') })
  const container = await startContainer(server.daemon.engine, START)
  await expect(container.remove()).rejects.toMatchObject({
    code: 'DAEMON',
    status: 500,
    words: 'device is busy'
  })
})

test('a container that could not be removed is removed when this process ends', async () => {
  let status = 500
  const server = await daemonWith({
    'DELETE c': answer => answer.writeHead(status).end('{"message":"device is busy"}')
  })
  const container = await startContainer(server.daemon.engine, START)
  await container.ended
  await expect(container.remove()).rejects.toMatchObject({ status })
  status = 204
  await processScope.endTogether()
  await processScope.endTogether()
  expect(removals(server)).toHaveLength(3)
})

test('a container whose removal fails once is removed', async () => {
  const statuses = [500, 204]
  const server = await daemonWith({
    'DELETE c': answer => answer.writeHead(statuses.shift() ?? 500).end()
  })
  const container = await startContainer(server.daemon.engine, START)
  await container.remove()
  expect(removals(server)).toHaveLength(2)
})

test('a command that can’t be started is an error, and its container is removed', async () => {
  const server = await daemonWith({ 'POST start': says(400, 'no such program') })
  await expect(startContainer(server.daemon.engine, START)).rejects.toMatchObject({
    words: 'no such program'
  })
  expect(removals(server)).toHaveLength(1)
})

test('the first of two failures is the error', async () => {
  const server = await daemonWith({
    'POST start': says(400, 'no such program'),
    'DELETE c': says(500, 'device is busy')
  })
  await expect(startContainer(server.daemon.engine, START)).rejects.toMatchObject({
    words: 'no such program'
  })
})

test('a daemon that fails to wait for a container is an error, and the outputs end', async () => {
  const server = await daemonWith({ 'POST wait': says(500, 'shutting down') })
  const container = await startContainer(server.daemon.engine, START)
  const printed = text(container.output)
  await expect(container.ended).rejects.toMatchObject({ words: 'shutting down' })
  await expect(printed).resolves.toEqual(expect.any(String))
})

test('an ephemeral container is killed, and removed by the daemon', async () => {
  const server = await daemonWith()
  const container = await startContainer(server.daemon.engine, { ...START, ephemeral: true })
  await container.remove()
  expect(server.log).toContain('POST /containers/c/kill')
  expect(removals(server)).toEqual([])
})

test('an ephemeral container that has ended needs no removal', async () => {
  const server = await daemonWith({ 'POST kill': says(409, 'container c is not running') })
  const container = await startContainer(server.daemon.engine, { ...START, ephemeral: true })
  await expect(container.remove()).resolves.toBeUndefined()
})

test('files are put into a created container before it starts, and it ends after that', async () => {
  const server = await daemonWith()
  const container = await createContainer(server.daemon.engine, START)
  await container.put([{ path: 'a', content: 'A' }])
  expect(server.log.some(line => line.includes('/start'))).toBe(false)
  await container.start()
  expect(await container.ended).toBe(3)
})

test('a created container that can’t start is removed, and its end is the same failure', async () => {
  const server = await daemonWith({ 'POST start': says(400, 'no such program') })
  const container = await createContainer(server.daemon.engine, START)
  await expect(container.start()).rejects.toThrow('no such program')
  await expect(container.ended).rejects.toThrow('no such program')
  expect(removals(server)).toHaveLength(1)
})

test('a container whose creation has no answer is removed by its name, if it is its own', async () => {
  let created: { Labels?: Record<string, string> } = {}
  const server = await daemonWith({
    'POST create': (answer, body) => {
      created = JSON.parse(body) as typeof created
      answer.destroy()
    },
    'GET json': answer => answer.end(JSON.stringify({ Id: 'c', Config: created }))
  })
  await expect(startContainer(server.daemon.engine, START)).rejects.toMatchObject({
    code: 'DAEMON',
    isBroken: true
  })
  expect(removals(server)).toEqual(['DELETE /containers/c?force=true&v=true'])
})

test('a container of another run is not removed when the answer to a creation is lost', async () => {
  const server = await daemonWith({
    'POST create': answer => answer.destroy(),
    'GET json': answer => answer.end('{"Id":"c","Config":{"Labels":{"io.flowstore.token":"x"}}}')
  })
  await expect(
    startContainer(server.daemon.engine, { ...START, name: 'lock' })
  ).rejects.toMatchObject({ isBroken: true })
  expect(removals(server)).toEqual([])
})

test('an ephemeral container that was never started is deleted', async () => {
  const server = await daemonWith()
  const container = await createContainer(server.daemon.engine, { ...START, ephemeral: true })
  await container.remove()
  expect(removals(server)).toHaveLength(1)
})
