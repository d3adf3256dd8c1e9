import { createServer } from 'node:http'
import { createServer as createSocketServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { send } from '../../../../src/registry/http/send.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

test('a response of any status is returned, and its connection is used again', async () => {
  const sockets = new Set<unknown>()
  const server = createServer((request, response) => {
    sockets.add(request.socket)
    let body = ''
    request
      .on('data', (data: Buffer) => (body += data.toString()))
      .on('end', () => {
        response.setHeader(
          'x-seen',
          `${request.method ?? ''} ${request.headers['content-length'] ?? '-'}`
        )
        response.setHeader('www-authenticate', ['Basic realm="a"', 'Bearer realm="b"'])
        response.writeHead(request.url === '/moved' ? 307 : 404).end(`${body}!`)
      })
  })
  const url = new URL(`http://127.0.0.1:${await listen(server)}/a`)
  const put = await send(url, { method: 'PUT', body: Buffer.from('äb') })
  expect(put.status).toBe(404)
  expect(put.body.toString()).toBe('äb!')
  expect(put.headers.get('x-seen')).toBe('PUT 3')
  expect(put.headers.get('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"')
  expect(put.headers.get('location')).toBeNull()
  expect((await send(url, { method: 'POST' })).headers.get('x-seen')).toBe('POST 0')
  expect((await send(new URL('/moved', url), { method: 'GET' })).status).toBe(307)
  expect(sockets.size).toBe(1)
})

test('a server that does not respond is given up', async () => {
  const port = await listen(createServer(() => undefined))
  const asking = send(new URL(`http://127.0.0.1:${port}/`), { method: 'GET', timeout: 50 })
  await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a server that hangs up is an error with its code', async () => {
  const port = await listen(createSocketServer(socket => socket.destroy()))
  const asking = send(new URL(`http://127.0.0.1:${port}/`), { method: 'GET' })
  await expect(asking).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('HTTPS goes through the proxy of the environment, except to the hosts of no_proxy', async () => {
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
  const get = (host: string) => send(new URL(`https://${host}/v2/`), { method: 'GET' })
  await get('registry.invalid').catch(() => undefined)
  expect(asked).toEqual(['registry.invalid:443'])
  await expect(get('direct.invalid')).rejects.toMatchObject({ syscall: 'getaddrinfo' })
  expect(asked).toHaveLength(1)
})
