import { expect, test } from '@jest/globals'
import { Daemon } from '../../../src/docker/daemon.js'
import { timeLimits } from '../../../src/docker/engine/time-limits.js'
import { oneAtATime } from '../../../src/docker/one-at-a-time.js'
import { serveDaemon } from '../../helpers/daemon-server.js'

test('a run that waits for another does not wait for what killed runs left', async () => {
  const { daemon, log } = await serveDaemon((asked, answer) => {
    // The list of containers never comes.
    if (asked.method === 'GET') return
    answer.writeHead(409).end('{"message":"the name is in use"}')
  })
  const isListed = () => log.some(line => line.startsWith('GET /containers/json'))
  let looksAfter = 0
  const result = await oneAtATime(daemon, {
    name: 'shared',
    image: 'python:3.9',
    find: () => {
      if (isListed()) looksAfter += 1
      return Promise.resolve(looksAfter > 1 ? 'found' : undefined)
    },
    work: () => Promise.resolve('worked'),
    onWait: () => undefined
  })
  expect(result).toBe('found')
})

test('a run waits no longer for another than for a build that is silent, and then does the work', async () => {
  const asked: string[] = []
  const { socketPath } = await serveDaemon((request, answer) => {
    if (request.method !== 'GET') asked.push(request.url ?? '')
    answer.writeHead(request.method === 'GET' ? 200 : 409)
    answer.end(request.method === 'GET' ? '[]' : '{"message":"the name is in use"}')
  })
  const limits = { ...timeLimits(), progress: 700 }
  const daemon = new Daemon('it', { kind: 'socket', path: socketPath }, limits)
  const told: string[] = []
  const result = await oneAtATime(daemon, {
    name: 'shared',
    image: 'python:3.9',
    find: () => Promise.resolve(undefined),
    work: () => Promise.resolve('worked'),
    onWait: () => told.push('another run does it')
  })
  expect([result, told, asked.length]).toEqual(['worked', ['another run does it'], 2])
})
