import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { RegistryClient } from '../../../src/registry/client.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A registry that answers as told, on a socket of this machine; gives its host and what it was asked. */
async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, host: string) => void
) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(
      `${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'}`
    )
    answer(request, response, `127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  closing.push(() => server.close())
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const login = { username: 'me', password: 'secret' }
const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`

test('a registry with a bearer challenge gives a token for the scope, and the upload is dropped', async () => {
  const { host, asked } = await serve((request, response, self) => {
    if (request.url?.startsWith('/token')) {
      response.end(JSON.stringify({ token: 'abc' }))
    } else if (request.headers.authorization !== 'Bearer abc') {
      response.writeHead(401, {
        'www-authenticate': `Bearer realm="http://${self}/token",service="it",scope="x"`
      })
      response.end()
    } else {
      response.writeHead(request.method === 'POST' ? 202 : 204, {
        location: '/v2/a/b/blobs/uploads/1?s=2'
      })
      response.end()
    }
  })
  expect(await new RegistryClient(host, login).pushRefusal('a/b')).toBeUndefined()
  expect(asked).toEqual([
    'POST /v2/a/b/blobs/uploads/ -',
    `GET /token?service=it&scope=repository%3Aa%2Fb%3Apull%2Cpush ${basic}`,
    'POST /v2/a/b/blobs/uploads/ Bearer abc',
    'DELETE /v2/a/b/blobs/uploads/1?s=2 Bearer abc'
  ])
})

test('a token to get tokens with is posted, never sent as a password', async () => {
  let body = ''
  const { host } = await serve((request, response, self) => {
    if (request.url === '/token') {
      request.on('data', data => (body += String(data)))
      request.on('end', () => response.end(JSON.stringify({ access_token: 'abc' })))
    } else if (request.headers.authorization === 'Bearer abc') response.writeHead(202).end()
    else {
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${self}/token",service="it"` })
        .end()
    }
  })
  expect(await new RegistryClient(host, { identitytoken: 'r' }).pushRefusal('a')).toBeUndefined()
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    grant_type: 'refresh_token',
    refresh_token: 'r',
    scope: 'repository:a:pull,push'
  })
})

test.each([
  [
    401,
    { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
    'UNAUTHORIZED: authentication required'
  ],
  [403, { errors: [{ code: 'DENIED', message: 'quota' }] }, 'DENIED: quota'],
  [404, 'no such page', 'no such page'],
  [503, '', 'Service Unavailable']
])('a refusal has its status and the registry’s words (%d)', async (status, body, words) => {
  const { host } = await serve((_request, response) => {
    response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="x"' } : {})
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  expect(await new RegistryClient(host, login).pushRefusal('a')).toEqual({ status, words })
})
