import { expect, test } from '@jest/globals'
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
