import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { connectDocker } from '../../../src/docker/connect.js'
import { DaemonError } from '../../../src/docker/daemon-error.js'
import { serveAnswers, serveDaemon } from '../../helpers/daemon-server.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

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

test('a daemon is reached at a socket that DOCKER_HOST names', async () => {
  const { socketPath, log } = await serveDaemon((_asked, answer) => answer.end('OK'))
  const url = `unix://${socketPath}`
  expect(await connectDocker(undefined, { DOCKER_HOST: url })).toMatchObject({ url })
  expect(log).toEqual(['GET /_ping'])
})

test('the error of a daemon that does not listen has the address and the system’s reason', async () => {
  const url = `unix://${join(temporaryFolder(), 'none.sock')}`
  await expect(connectDocker(url, {})).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringMatching(
      /^no Docker daemon answers at unix:.*none\.sock \(base-url\): connect ENOENT /
    ),
    hint: expect.stringContaining('Start Docker')
  })
})

test.each([403, 500])(
  'a daemon that answers %i is an error with its status and message',
  async status => {
    const { socketPath } = await serveAnswers({
      'GET /_ping': { status, json: { message: 'shutting down' } }
    })
    const failure: unknown = await connectDocker(`unix://${socketPath}`, {}).catch(
      (error: unknown) => error
    )
    expect(failure).toBeInstanceOf(DaemonError)
    expect(failure).toMatchObject({
      code: 'DAEMON',
      status,
      message: `the Docker daemon failed (${status}): shutting down`,
      hint: expect.stringContaining(`unix://${socketPath} (base-url)`)
    })
  }
)

test('a URL of another scheme is an error that names the supported ones', async () => {
  await expect(connectDocker('ssh://me@host', {})).rejects.toMatchObject({
    code: 'DAEMON',
    message: expect.stringContaining("'ssh://' is not supported; use unix://, npipe:// or tcp://")
  })
})
