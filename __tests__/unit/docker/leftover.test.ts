import { expect, test } from '@jest/globals'
import { LEASE_LABEL, leaseLabel, removeLeftovers } from '../../../src/docker/leftover.js'
import { serveDaemon } from '../../helpers/daemon-server.js'

const NOW = Math.floor(Date.now() / 1000)

/** The paths of the removals, if the daemon has containers like this one. */
async function removed(
  container: { readonly State: string; readonly Created: number },
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
