import { describe, expect, test } from '@jest/globals'
import { RegistryClient } from '../../../src/registry/client.js'
import { send, type HttpAnswer } from '../../../src/http/send.js'
import { clientOf, LOGIN, OCI_MANIFEST } from '../../helpers/registry-client.js'
import { bearer, digestOf, serve, serveRegistry, when } from '../../helpers/registry-server.js'

/** A registry whose blobs are at another host, and the logins that host gets. */
async function storedElsewhere() {
  const logins: (string | undefined)[] = []
  const storage = await serve((request, response) => {
    logins.push(request.headers.authorization)
    if (request.url === '/gone?sig=1') {
      response.writeHead(403).end('signature sig=1 of key-id does not match')
    } else response.end('content')
  })
  const { registry, client } = await clientOf([
    bearer(),
    when(`GET /v2/a/blobs/${digestOf('content')}`, {
      status: 307,
      headers: { location: `http://${storage}/x?sig=1` }
    }),
    when('GET /v2/a/blobs/', { status: 302, headers: { location: `http://${storage}/gone?sig=1` } })
  ])
  return { registry, client, logins }
}

test('a blob may be stored on another host, which gets no login', async () => {
  const { client, logins } = await storedElsewhere()
  expect((await client.blob('a', digestOf('content'))).toString()).toBe('content')
  expect(logins).toEqual([undefined])
})

test('the error does not contain the page of another host, which may contain a signature', async () => {
  const { registry, client } = await storedElsewhere()
  await expect(client.blob('a', digestOf('other'))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (403): Forbidden`
  })
})

test('redirects within the registry keep the login', async () => {
  const { registry, client } = await clientOf([
    bearer(),
    when('GET /v2/a/manifests/1', { status: 301, headers: { location: '/v2/b/manifests/1' } })
  ])
  registry.put('b', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
})

test('redirects in a circle end', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/c/', { status: 302, headers: { location: '/v2/c/manifests/1' } })
  ])
  await expect(client.manifest('c', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
  expect(registry.log.length).toBeLessThan(10)
})

test('a registry that is not running is out of reach', async () => {
  const pauses: number[] = []
  const sleep = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds))
  const client = new RegistryClient('127.0.0.1:9', LOGIN, { sleep })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  expect(pauses).toEqual([])
})

test('a registry on another machine is asked only over HTTPS', async () => {
  const asked: string[] = []
  const client = new RegistryClient('registry.example:5000', LOGIN, {
    send: url => {
      asked.push(url.href)
      return Promise.reject(new Error('failed'))
    }
  })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  expect(asked).toEqual(['https://registry.example:5000/v2/a/manifests/1'])
})

test('a registry on this machine is asked over plain HTTP first', async () => {
  const asked: string[] = []
  const registry = await serveRegistry()
  registry.put('a', OCI_MANIFEST, '{}', '1')
  const client = new RegistryClient(registry.host, undefined, {
    send: (url, request) => {
      asked.push(url.protocol)
      return send(url, request)
    }
  })
  await client.manifest('a', '1')
  await client.manifest('a', '1')
  expect(asked).toEqual(['http:', 'http:'])
})

describe('a registry on this machine that has TLS', () => {
  const answer = (status: number, location: string | null = null): HttpAnswer => ({
    status,
    headers: { get: name => (name === 'location' ? location : null) },
    body: Buffer.alloc(0)
  })
  const refusals: [string, () => Promise<HttpAnswer>][] = [
    ['400', () => Promise.resolve(answer(400))],
    ['a redirect', () => Promise.resolve(answer(308, 'https://localhost:1/v2/a/manifests/1'))],
    ['nothing', () => Promise.reject(Object.assign(new Error(), { code: 'ECONNRESET' }))]
  ]

  test.each(refusals)(
    'answers plain HTTP with %s, and is asked over HTTPS from then on',
    async (_, no) => {
      const registry = await serveRegistry()
      registry.put('a', OCI_MANIFEST, '{}', '1')
      const asked: string[] = []
      const client = new RegistryClient('localhost:1', LOGIN, {
        send: (url, request) => {
          asked.push(url.protocol)
          if (url.protocol === 'http:') return no()
          return send(new URL(`http://${registry.host}${url.pathname}`), request)
        }
      })
      await client.manifest('a', '1')
      expect(asked.at(-1)).toBe('https:')
      asked.length = 0
      await client.manifest('a', '1')
      expect(asked).toEqual(['https:'])
    }
  )

  test('can’t be reached with an untrusted certificate, and the error has that reason', async () => {
    const cause = Object.assign(new Error(), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const client = new RegistryClient('localhost:1', undefined, {
      send: url =>
        url.protocol === 'http:'
          ? Promise.resolve(answer(400))
          : Promise.reject(new Error('failed', { cause }))
    })
    await expect(client.manifest('a', '1')).rejects.toMatchObject({
      reason: "localhost:1 can't be reached: DEPTH_ZERO_SELF_SIGNED_CERT"
    })
  })
})

test('the answer 400 of a registry without TLS is an error', async () => {
  const registry = await serveRegistry(when('GET /v2/a/', { status: 400 }))
  const client = new RegistryClient(registry.host, undefined, { sleep: () => Promise.resolve() })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
})
