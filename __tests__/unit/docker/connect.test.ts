import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { connectDocker } from '../../../src/docker/connect.js'

test.each(['127.0.0.1', '::1'])('a daemon is reached at %s', async host => {
  const server = createServer((_asked, answer) => answer.end('OK'))
  const listening = await new Promise<boolean>(done => {
    server.once('error', () => {
      done(false)
    })
    server.listen(0, host, () => {
      done(true)
    })
  })
  // A machine may have no IPv6.
  if (!listening && host === '::1') return
  const { port } = server.address() as AddressInfo
  const url = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`
  expect(await connectDocker(url, {})).toMatchObject({ url })
  server.close()
})
