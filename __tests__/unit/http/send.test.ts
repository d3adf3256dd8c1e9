import { createServer } from 'node:http'
import { createServer as createSocketServer, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { send } from '../../../src/http/send.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A server that answers with what it was asked, and the sockets that it was asked on. */
async function echo(): Promise<{ url: URL; sockets: Set<unknown> }> {
  const sockets = new Set<unknown>()
  const server = createServer((request, response) => {
    sockets.add(request.socket)
    void text(request).then(body => {
      const { method = '', headers } = request
      response.setHeader('x-seen', `${method} ${headers['content-length'] ?? '-'}`)
      response.setHeader('www-authenticate', ['Basic realm="a"', 'Bearer realm="b"'])
      response.setHeader('location', '/elsewhere')
      response.writeHead(request.url === '/moved' ? 307 : 404).end(`${body}!`)
    })
  })
  return { url: new URL(`http://127.0.0.1:${await listen(server)}/a`), sockets }
}

test.each([
  ['an error', '/a', 404],
  ['a redirect', '/moved', 307]
])('%s is an answer', async (_, path, status) => {
  const { url } = await echo()
  expect(await send(new URL(path, url), { method: 'GET' })).toMatchObject({ status })
})

test('a body is sent with its length, and one comes back', async () => {
  const { url } = await echo()
  const answer = await send(url, { method: 'PUT', body: Buffer.from('äb') })
  expect(answer.body.toString()).toBe('äb!')
  expect(answer.headers.get('x-seen')).toBe('PUT 3')
})

test('a request without a body has a length of zero', async () => {
  const { url } = await echo()
  expect((await send(url, { method: 'POST' })).headers.get('x-seen')).toBe('POST 0')
})

test('a header that is sent twice is joined', async () => {
  const { url } = await echo()
  const { headers } = await send(url, { method: 'GET' })
  expect(headers.get('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"')
})

test('a header that is absent is null', async () => {
  const { url } = await echo()
  expect((await send(url, { method: 'GET' })).headers.get('retry-after')).toBeNull()
})

test('a connection is used again', async () => {
  const { url, sockets } = await echo()
  await send(url, { method: 'GET' })
  await send(url, { method: 'POST', body: 'x' })
  expect(sockets.size).toBe(1)
})

test('a request to a server that does not answer times out', async () => {
  const port = await listen(createServer(() => undefined))
  const asking = send(new URL(`http://127.0.0.1:${port}/`), { method: 'GET', timeout: 50 })
  await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a server that hangs up is an error with its code', async () => {
  const port = await listen(createSocketServer(socket => socket.destroy()))
  const asking = send(new URL(`http://127.0.0.1:${port}/`), { method: 'GET' })
  await expect(asking).rejects.toMatchObject({ code: 'ECONNRESET' })
})

/** A proxy in the environment until the test's end, and what it was asked to connect to. */
async function proxied(): Promise<string[]> {
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  const saved = { https_proxy: process.env['https_proxy'], no_proxy: process.env['no_proxy'] }
  ends.push(() => {
    for (const [name, value] of Object.entries(saved)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  })
  process.env['https_proxy'] = `http://127.0.0.1:${await listen(proxy)}`
  process.env['no_proxy'] = 'direct.invalid'
  return asked
}

test('HTTPS goes through the proxy of the environment', async () => {
  const asked = await proxied()
  await send(new URL('https://registry.invalid/v2/'), { method: 'GET' }).catch(() => undefined)
  expect(asked).toEqual(['registry.invalid:443'])
})

test('a host that no_proxy names is reached without the proxy', async () => {
  const asked = await proxied()
  await expect(
    send(new URL('https://direct.invalid/v2/'), { method: 'GET' })
  ).rejects.toMatchObject({ syscall: 'getaddrinfo' })
  expect(asked).toEqual([])
})
