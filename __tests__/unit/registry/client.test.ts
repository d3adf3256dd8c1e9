import { expect, test } from '@jest/globals'
import type { RegistryClient } from '../../../src/registry/client.js'
import { clientOf, errorBody, OCI_MANIFEST } from '../../helpers/registry-client.js'
import { bearer, digestOf, when } from '../../helpers/registry-server.js'

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const login = { username: 'me', password: 'secret' }
const words = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

interface Room {
  readonly registry: RegistryServer
  readonly client: RegistryClient
  /** Pauses that were not waited for. */
  readonly pauses: number[]
}

/** A registry that misbehaves as told, and a client that does not wait. */
async function room(
  rules: readonly Rule[] = [],
  options: RegistryClientOptions = {},
  credentials: Credentials | undefined = login
): Promise<Room> {
  const registry = await serveRegistry(...rules)
  const pauses: number[] = []
  const sleep = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds))
  return {
    registry,
    pauses,
    client: new RegistryClient(registry.host, credentials, { sleep, ...options })
  }
}

test('a manifest is read by tag and by digest, byte for byte', async () => {
  const { registry, client } = await room()
  const body = '{ "schemaVersion": 2,\n "x": "ä" }'
  const digest = registry.put('a/b', OCI_MANIFEST, body, '1')
  expect(await client.manifest('a/b', '1')).toEqual({ digest, mediaType: OCI_MANIFEST, body })
  expect(registry.log).toEqual(['GET /v2/a/b/manifests/1 200'])
})

test('a manifest is read by its digest', async () => {
  const { registry, client } = await clientOf()
  const digest = registry.put('a/b', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a/b', digest)).toMatchObject({ digest, body: '{}' })
  expect(registry.log).toEqual([`GET /v2/a/b/manifests/${digest} 200`])
})

test('a manifest that is not there is undefined', async () => {
  const { client } = await clientOf()
  expect(await client.manifest('a/b', '2')).toBeUndefined()
})

test('manifests of both families are accepted', async () => {
  const { registry, client } = await clientOf()
  await client.manifest('a/b', '1')
  expect(registry.asked[0]?.headers.accept).toContain('vnd.docker.distribution.manifest.list.v2')
  expect(registry.asked[0]?.headers.accept).toContain(OCI_MANIFEST)
})

test('the media type in a manifest wins over that of the response', async () => {
  const { registry, client } = await room()
  registry.put('a', 'application/json', JSON.stringify({ mediaType: OCI_MANIFEST }), '1')
  expect(await client.manifest('a', '1')).toMatchObject({ mediaType: OCI_MANIFEST })
})

test('the media type of the answer has no parameters', async () => {
  const { registry, client } = await clientOf()
  registry.put('a', `${OCI_MANIFEST}; charset=utf-8`, '{}', '2')
  expect(await client.manifest('a', '2')).toMatchObject({ mediaType: OCI_MANIFEST })
})

test('the digest is computed from the manifest where the response to HEAD has none', async () => {
  const { registry, client } = await room([when('HEAD ', { status: 200 })])
  const digest = registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.digest('a', '1')).toBe(digest)
  expect(registry.log).toEqual(['HEAD /v2/a/manifests/1 200', 'GET /v2/a/manifests/1 200'])
})

test('content that does not have its digest is an error that names both digests', async () => {
  const other = `sha256:${'0'.repeat(64)}`
  const body = '{}'
  const { registry, client } = await clientOf([
    when('GET /v2/a/manifests/header', {
      status: 200,
      headers: { 'docker-content-digest': OTHER },
      body
    }),
    when(`GET /v2/a/manifests/${OTHER}`, { status: 200, body }),
    when(`GET /v2/a/blobs/${OTHER}`, { status: 200, body })
  ])
  for (const reading of [
    () => client.manifest('a', 'header'),
    () => client.manifest('a', other),
    () => client.blob('a', other)
  ]) {
    await expect(reading()).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${registry.host}/a: the registry has ${digestOf(body)} where ${other} belongs`
    })
  }
})

test('a digest with an unknown algorithm is refused', async () => {
  const { client } = await room([when('GET ', { status: 200, body: 'x' })])
  await expect(client.blob('a', 'md5:9dd4e461268c8034f5c8564e155c67a6')).rejects.toMatchObject({
    code: 'REGISTRY'
  })
  const sha512 =
    'sha512:a4abd4448c49562d828115d13a1fccea927f52b4d5459297f8b43e42da89238bc13626e43dcb38ddb082488927ec904fb42057443983e88585179d50551afe62'
  expect((await client.blob('a', sha512)).toString()).toBe('x')
})

test('a redirect to another host is followed without the login', async () => {
  const seen: (string | undefined)[] = []
  const storage = await serve((request, response) => {
    seen.push(request.headers.authorization)
    if (request.url === '/gone?sig=1') {
      response.writeHead(403).end('signature sig=1 of key-id does not match')
    } else response.end('content')
  })
  const { registry, client } = await room([
    bearer(),
    when(`GET /v2/a/blobs/${digestOf('content')}`, {
      status: 307,
      headers: { location: `http://${storage}/x?sig=1` }
    }),
    when('GET /v2/a/blobs/', { status: 302, headers: { location: `http://${storage}/gone?sig=1` } })
  ])
  expect((await client.blob('a', digestOf('content'))).toString()).toBe('content')
  const refused: unknown = await client
    .blob('a', digestOf('other'))
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a: the registry has ${digestOf(body)} instead of ${OTHER}`
  })
  expect(seen).toEqual([undefined, undefined])
})

test('redirects within the registry keep the login, and are limited in number', async () => {
  const { registry, client } = await room([
    bearer(),
    when('GET /v2/a/manifests/1', { status: 301, headers: { location: '/v2/b/manifests/1' } }),
    when('GET /v2/c/', { status: 302, headers: { location: '/v2/c/manifests/1' } })
  ])
  registry.put('b', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  await expect(client.manifest('c', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
})

test('the error of a missing blob names the blob', async () => {
  const { registry, client } = await room()
  await expect(client.blob('a', digestOf('x'))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a lacks the blob ${digestOf('x')}`
  })
})

test('an error of a refused read has the reason and a hint', async () => {
  const { registry, client } = await room([
    when('GET /v2/a/', { status: 403, body: words('DENIED', 'not yours') }),
    when('HEAD /v2/a/', { status: 403 }),
    when('GET /v2/b/', { status: 400, body: '<html>proxy</html>' }),
    when('GET /v2/c/', { status: 405 })
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (403): DENIED: not yours`,
    hint: expect.stringContaining(`Log in to ${registry.host}`)
  })
})

test('a digest that may not be read says why: in the words for the manifest', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/a/', { status: 403, body: errorBody('DENIED', 'not yours') }),
    when('HEAD /v2/a/', { status: 403 })
  ])
  await expect(client.digest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (403): DENIED: not yours`
  })
})

test('the page of a proxy is not repeated', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/b/', { status: 400, body: '<html>proxy</html>' })
  ])
  await expect(client.manifest('b', '1')).rejects.toMatchObject({
    message: `${registry.host} refuses a read of b (400): Bad Request`,
    hint: undefined
  })
})

test('a registry that lets nothing be read can’t be used', async () => {
  const { client } = await clientOf([when('GET /v2/c/', { status: 405 })])
  await expect(client.manifest('c', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
})

test('a blob that the registry has is not uploaded', async () => {
  const { registry, client } = await room()
  const { digest } = registry.putBlob('content')
  expect(await client.putBlob('a/b', Buffer.from('content'))).toEqual({ digest, uploaded: false })
  expect(registry.log).toEqual([`HEAD /v2/a/b/blobs/${digest} 200`])
})

test('an upload goes to the location that the registry gives, with its query unchanged', async () => {
  const { registry, client } = await room()
  const digest = digestOf('content')
  expect(await client.putBlob('a/b', Buffer.from('content'))).toEqual({ digest, uploaded: true })
  expect(registry.log).toEqual([
    `HEAD /v2/a/b/blobs/${digest} 404`,
    'POST /v2/a/b/blobs/uploads/ 202',
    `PUT /v2/a/b/blobs/uploads/1?_state=a%2Fb%3D&digest=${encodeURIComponent(digest)} 201`
  ])
  expect(registry.asked[2]?.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': '7'
  })
  expect(registry.blobs.get(digest)?.toString()).toBe('content')
})

test.each([
  ['absolute', (host: string) => `http://${host}/v2/a/blobs/uploads/7`, '?'],
  // A proxy with TLS before the registry, or without: the registry's own scheme is known.
  ['of another scheme', (host: string) => `https://${host}/v2/a/blobs/uploads/7?x=1`, '&'],
  ['relative to the path', () => '7', '?']
])('a location that is %s is accepted', async (_name, location, separator) => {
  const { registry, client } = await room([
    bearer(),
    when('POST ', (_asked, host) => ({ status: 202, headers: { location: location(host) } }))
  ])
  expect(await client.putBlob('a', Buffer.from('x'))).toMatchObject({ uploaded: true })
  expect(registry.log.at(-1)).toMatch(/^PUT \/v2\/a\/blobs\/uploads\/7/)
  expect(registry.log.at(-1)).toContain(`${separator}digest=`)
  expect(registry.asked.at(-1)?.headers.authorization).toBe('Bearer token-1')
})

test('an upload to another host goes without the login', async () => {
  const elsewhere = await serveRegistry(when('PUT /up', { status: 201 }))
  const { client } = await room([
    bearer(),
    when('POST ', { status: 202, headers: { location: `http://${elsewhere.host}/up?sig=1` } })
  ])
  expect(await client.putBlob('a', Buffer.from('x'))).toMatchObject({ uploaded: true })
  expect(elsewhere.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  expect(elsewhere.log).toEqual([`PUT /up?sig=1&digest=${encodeURIComponent(digestOf('x'))} 201`])
})

test('a blob is mounted from a repository that has it', async () => {
  const { registry, client } = await room([bearer(), when('POST ', { status: 201 })])
  const digest = digestOf('x')
  expect(await client.putBlob('a', Buffer.from('x'), 'b/c')).toEqual({ digest, uploaded: false })
  expect(registry.log).toEqual([
    `HEAD /v2/a/blobs/${digest} 401`,
    'GET /token?service=it&scope=repository%3Aa%3Apull%2Cpush 200',
    `HEAD /v2/a/blobs/${digest} 404`,
    'GET /token?service=it&scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Ab%2Fc%3Apull 200',
    `POST /v2/a/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=b%2Fc 201`
  ])
})

test('a blob is uploaded in the session that a registry opens instead of a mount', async () => {
  const { registry, client } = await room()
  expect(await client.putBlob('a', Buffer.from('x'), 'b')).toMatchObject({ uploaded: true })
  expect(registry.log.map(line => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'PUT'])
})

test('a blob is uploaded where the registry refuses to mount it', async () => {
  const { registry, client } = await room([when(/^POST .*mount=/, { status: 403 })])
  expect(await client.putBlob('a', Buffer.from('x'), 'b')).toMatchObject({ uploaded: true })
  expect(registry.log.map(line => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'POST', 'PUT'])
})

test('an upload that fails is started again', async () => {
  const { registry, client, pauses } = await room([
    when('PUT ', 'reset', 1),
    when('PUT ', { status: 502, body: '<html>' }, 1)
  ])
  expect(await client.putBlob('a', Buffer.from('x'))).toMatchObject({ uploaded: true })
  expect(registry.log.map(line => line.replace(/ .* /, ' '))).toEqual([
    'HEAD 404',
    'POST 202',
    'PUT reset',
    'POST 202',
    'PUT 502',
    'POST 202',
    'PUT 201'
  ])
  expect(pauses).toEqual([500, 1500])
})

test.each([
  [
    401,
    'UNAUTHORIZED: who?',
    { code: 'PUSH_REFUSED', hint: expect.stringContaining('may write to a/b') }
  ],
  [403, 'DENIED: no', { code: 'PUSH_REFUSED', hint: expect.stringContaining('Log in to ') }],
  [400, 'MANIFEST_INVALID: bad', { code: 'PUSH_REFUSED', hint: undefined }],
  [404, 'NAME_UNKNOWN: none', { name: 'RegistryUnusable' }],
  [405, 'UNSUPPORTED: never', { name: 'RegistryUnusable' }],
  [500, 'UNKNOWN: disk', { code: 'REGISTRY' }]
])('the error of a write with status %d has the reason', async (status, said, expected) => {
  const [code = '', message = ''] = said.split(': ')
  const { client } = await clientOf([
    when(/^(POST|PUT) /, { status, body: errorBody(code, message) })
  ])
  for (const writing of [
    () => client.putBlob('a/b', Buffer.from('x')),
    () => client.putManifest('a/b', '1', OCI_MANIFEST, '{}')
  ]) {
    await expect(writing()).rejects.toMatchObject({
      ...expected,
      message: expect.stringMatching(new RegExp(`\\(${status}\\): ${said.replace('?', '\\?')}$`))
    })
  }
})

test('the error of a blob that is too large for the registry has its size', async () => {
  const { registry, client } = await room([
    when('PUT ', { status: 413, body: '<html>nginx</html>' })
  ])
  await expect(client.putBlob('a', Buffer.alloc(3 << 20))).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: `${registry.host} refuses a push to a (413): it does not accept a blob of 3.0 MiB`
  })
})

test('a registry that gives no location for an upload is not usable', async () => {
  const { client } = await room([when('POST ', { status: 202 })])
  await expect(client.putBlob('a', Buffer.from('x'))).rejects.toMatchObject({
    name: 'RegistryUnusable'
  })
})

test('another digest than that of what was put is an error', async () => {
  const other = `sha256:${'1'.repeat(64)}`
  const headers = { 'docker-content-digest': other }
  const { registry, client } = await room([when('PUT ', { status: 201, headers })])
  const digest = digestOf('{}')
  await expect(client.putManifest('a', '1', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a:1: the registry has ${MOVED} instead of ${digestOf('{}')}`
  })
})

test('a blob that the registry has another digest for is an error', async () => {
  const { registry, client } = await clientOf([moved])
  await expect(client.putBlob('a', Buffer.from('{}'))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a: the registry has ${MOVED} instead of ${digestOf('{}')}`
  })
})

test('the digest is asked for where the registry does not give it after a put', async () => {
  const { registry, client } = await room([
    when('PUT ', { status: 201 }),
    when('HEAD /v2/a/manifests/2', { status: 404 })
  ])
  const digest = registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.putManifest('a', '1', OCI_MANIFEST, '{}')).toBe(digest)
  expect(registry.log).toEqual(['PUT /v2/a/manifests/1 201', 'HEAD /v2/a/manifests/1 200'])
})

test('a manifest that is not there after its put is an error', async () => {
  const { registry, client } = await clientOf([when('PUT ', { status: 201 })])
  await expect(client.putManifest('a', '2', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a:2: the registry has no manifest instead of ${digestOf('{}')}`
  })
})

test('a request is repeated after the time that Retry-After asks for, at most a minute', async () => {
  const date = () => new Date(Date.now() + 20_000).toUTCString()
  const { registry, client, pauses } = await room([
    when('GET ', { status: 429, headers: { 'retry-after': '7' } }, 1),
    when('GET ', () => ({ status: 503, headers: { 'retry-after': date() } }), 1),
    when('GET ', { status: 429, headers: { 'retry-after': '86400' } }, 1)
  ])
  registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(pauses).toEqual([7000, expect.any(Number), 60_000])
  expect(pauses[1]).toBeGreaterThan(15_000)
  expect(pauses[1]).toBeLessThanOrEqual(20_000)
})

test.each(['0', '1.5', 'Wed, 21 Oct 2015 07:28:00 GMT'])(
  'the default pause is made where Retry-After gives no positive number of seconds (%s)',
  async pause => {
    const { registry, client, pauses } = await room([
      when('GET ', { status: 503, headers: { 'retry-after': pause } }, 2)
    ])
    registry.put('a', OCI_MANIFEST, '{}', '1')
    await client.manifest('a', '1')
    expect(pauses).toEqual([500, 1500])
  }
)

test.each([408, 429, 500, 502, 503, 504])(
  'status %d is an error after four attempts',
  async status => {
    const { registry, client, pauses } = await room([
      when('GET ', { status, headers: { 'retry-after': 'soon' }, body: words('TROUBLE', 'later') })
    ])
    await expect(client.manifest('a', '1')).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${registry.host} is in trouble (${status}): TROUBLE: later`
    })
    expect(pauses).toEqual([500, 1500, 4500])
    expect(registry.log).toHaveLength(4)
  }
)

test('a request is repeated where the connection breaks', async () => {
  const { registry, client, pauses } = await room([when('GET ', 'reset', 2)])
  registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(pauses).toHaveLength(2)
})

test.each([
  ['ENOTFOUND', 1],
  ['ECONNREFUSED', 1],
  ['ETIMEDOUT', 1],
  ['ECONNRESET', 4],
  ['EPIPE', 4]
])('a connection that fails with %s is tried %d time(s)', async (code, times) => {
  let asked = 0
  const client = new RegistryClient('registry.example', login, {
    sleep: () => Promise.resolve(),
    send: () => {
      asked += 1
      const cause = Object.assign(new Error(), { code })
      return Promise.reject(new Error('failed', { cause }))
    }
  })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    name: 'RegistryUnusable',
    reason: `registry.example can't be reached: ${code}`
  })
  expect(asked).toBe(times)
})

test('no further request is made where the first one fails', async () => {
  const { registry, client } = await room([when('HEAD ', { status: 503 })])
  for (const asking of [
    () => client.digest('a', '1'),
    () => client.putBlob('a', Buffer.from('x'))
  ]) {
    await expect(asking()).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${registry.host} is in trouble (503): Service Unavailable`
    })
  }
  expect(registry.log.every(line => line.startsWith('HEAD'))).toBe(true)
})

test('a registry that is not running is not usable, and is asked once', async () => {
  const pauses: number[] = []
  const sleep = (milliseconds: number) => Promise.resolve(pauses.push(milliseconds))
  const client = new RegistryClient('127.0.0.1:9', login, { sleep })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  expect(pauses).toEqual([])
})

test('a registry on another machine is asked over HTTPS only', async () => {
  const asked: string[] = []
  const client = new RegistryClient('registry.example:5000', login, {
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

describe('a registry on this machine with TLS', () => {
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
    'the registry is asked over HTTPS after plain HTTP gave %s',
    async (_, no) => {
      const registry = await serveRegistry()
      registry.put('a', OCI_MANIFEST, '{}', '1')
      const asked: string[] = []
      const client = new RegistryClient('localhost:1', login, {
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

  test('a certificate that is not trusted is the reason in the error', async () => {
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

test('status 400 of a registry without TLS is an error', async () => {
  const registry = await serveRegistry(when('GET /v2/a/', { status: 400 }))
  const client = new RegistryClient(registry.host, undefined, { sleep: () => Promise.resolve() })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
})
