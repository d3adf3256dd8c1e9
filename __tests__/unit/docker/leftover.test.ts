import type { Duplex } from 'node:stream'
import { json } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, jest, test } from '@jest/globals'
import { startContainer } from '../../../src/docker/container.js'
import { connectDocker } from '../../../src/docker/connect.js'
import {
  LEASE_LABEL,
  leaseLabel,
  nameAlive,
  removeLeftovers
} from '../../../src/docker/leftover.js'
import { serveDaemon } from '../../helpers/daemon-server.js'

const NOW = Math.floor(Date.now() / 1000)

/** The paths of the removals, if the daemon has containers like this one. */
async function removed(
  container: { readonly State: string; readonly Created: number; readonly Names?: string[] },
  label = leaseLabel({ idle: 100, running: 1000 }),
  finished = NOW
): Promise<string[]> {
  const { daemon, log } = await serveDaemon((asked, answer) => {
    const url = asked.url ?? ''
    if (url.startsWith('/containers/json')) {
      answer.end(JSON.stringify([{ Id: 'c', Labels: { [LEASE_LABEL]: label }, ...container }]))
    } else if (asked.method === 'GET') {
      const date = new Date(finished * 1000).toISOString()
      answer.end(JSON.stringify({ State: { FinishedAt: date } }))
    } else answer.writeHead(204).end()
  })
  await removeLeftovers(daemon.engine)
  return log.filter(line => line.startsWith('DELETE'))
}

test.each([
  ['created', 50, 0],
  ['created', 200, 1],
  ['running', 200, 0],
  ['running', 2000, 1]
])('a container that is %s for %d s is removed %d times', async (State, age, times) => {
  expect(await removed({ State, Created: NOW - age })).toHaveLength(times)
})

test.each([
  [50, 0],
  [200, 1]
])('a container that ended %d s ago is removed %d times', async (age, times) => {
  const container = { State: 'exited', Created: NOW - 5000 }
  const lease = leaseLabel({ idle: 100, running: undefined })
  expect(await removed(container, lease, NOW - age)).toHaveLength(times)
})

test('a container that may run for ever, or with another label, is left', async () => {
  const container = { State: 'running', Created: 0 }
  expect(await removed(container, leaseLabel({ idle: 100, running: undefined }))).toEqual([])
  expect(await removed(container, 'something else')).toEqual([])
})

test.each([
  ['created', 50, 0],
  ['created', 150, 1],
  ['running', 500, 0],
  ['running', 1500, 1]
])('a %s container whose run lived %d s ago is removed %d times', async (State, silent, times) => {
  const Names = [`/${nameAlive('flowstore-a', 50_000 - silent)}`]
  expect(await removed({ State, Created: NOW - 50_000, Names })).toHaveLength(times)
})

/** A daemon that keeps one container with its labels and its name, and has a clock that a test sets. */
async function daemonWithClock() {
  let labels: unknown
  let created = 0
  const state = { name: '', now: NOW }
  const server = await serveDaemon((asked, answer) => {
    const { pathname, searchParams } = new URL(asked.url ?? '', 'http://docker')
    answer.setHeader('date', new Date(state.now * 1000).toUTCString())
    const named = () => (state.name = searchParams.get('name') ?? '')
    if (pathname === '/containers/create') {
      named()
      created = state.now
      void json(asked).then(body => {
        labels = (body as { Labels: unknown }).Labels
        answer.end('{"Id":"c"}')
      })
    } else if (pathname === '/containers/json') {
      const listed = {
        State: 'running',
        Created: created,
        Names: [`/${state.name}`],
        Labels: labels
      }
      answer.end(JSON.stringify([{ Id: 'c', ...listed }]))
    } else if (pathname === '/containers/c/wait') return
    else {
      if (pathname.endsWith('/rename')) named()
      answer.writeHead(204).end()
    }
  })
  server.server.on('upgrade', (_asked, socket: Duplex) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
  })
  return { ...server, state }
}

afterEach(() => {
  jest.useRealTimers()
})

test('no other run removes the container of a run that lives, however long it lives', async () => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask']
  })
  const { daemon, socketPath, log, state } = await daemonWithClock()
  const start = { image: 'a', command: ['true'], longest: 60 }
  const container = await startContainer(daemon.engine, start)
  const { engine: other } = await connectDocker(`unix://${socketPath}`, {})
  const removals = () => log.filter(line => line.startsWith('DELETE'))
  const pass = async (seconds: number) => {
    state.now += seconds
    await removeLeftovers(other)
  }

  for (let hours = 0; hours < 6; hours += 0.1) {
    const before = state.name
    jest.advanceTimersByTime(360_000)
    for (let turns = 0; turns < 10_000 && state.name === before; turns += 1) await turn()
    expect(state.name).not.toBe(before)
    await pass(360)
  }
  expect(removals()).toEqual([])

  // The run is killed: it gives no sign of life.
  jest.clearAllTimers()
  await pass(600)
  expect(removals()).toEqual([])
  await pass(480)
  expect(removals()).toEqual(['DELETE /containers/c?force=true&v=true'])
  await container.remove()
})

test('a container that another run waits for keeps its name', async () => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask']
  })
  const { daemon, log } = await daemonWithClock()
  const container = await startContainer(daemon.engine, {
    image: 'a',
    command: ['true'],
    name: 'x'
  })
  jest.advanceTimersByTime(3_600_000)
  await removeLeftovers(daemon.engine)
  expect(log.filter(line => line.includes('/rename'))).toEqual([])
  await container.remove()
})
