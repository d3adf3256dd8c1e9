import { expect, test } from '@jest/globals'
import { clientOf, withoutJitter } from '../../helpers/registry-client.js'
import { bearer, digestOf, serveRegistry, when } from '../../helpers/registry-server.js'

test('an upload is sent to the location that the registry gives, with its query unchanged', async () => {
  const { registry, client } = await clientOf()
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
  // A proxy may be in front of the registry, with or without TLS: the scheme is the known one.
  ['of another scheme', (host: string) => `https://${host}/v2/a/blobs/uploads/7?x=1`, '&'],
  ['relative to the path', () => '7', '?']
])('a location that is %s is accepted', async (_name, location, separator) => {
  const { registry, client } = await clientOf([
    bearer(),
    when('POST ', (_asked, host) => ({ status: 202, headers: { location: location(host) } }))
  ])
  expect(await client.putBlob('a', Buffer.from('x'))).toMatchObject({ uploaded: true })
  expect(registry.log.at(-1)).toMatch(/^PUT \/v2\/a\/blobs\/uploads\/7/)
  expect(registry.log.at(-1)).toContain(`${separator}digest=`)
  expect(registry.asked.at(-1)?.headers.authorization).toBe('Bearer token-1')
})

test('an upload to another host has no login', async () => {
  const elsewhere = await serveRegistry(when('PUT /up', { status: 201 }))
  const { client } = await clientOf([
    bearer(),
    when('POST ', { status: 202, headers: { location: `http://${elsewhere.host}/up?sig=1` } })
  ])
  expect(await client.putBlob('a', Buffer.from('x'))).toMatchObject({ uploaded: true })
  expect(elsewhere.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
  expect(elsewhere.log).toEqual([`PUT /up?sig=1&digest=${encodeURIComponent(digestOf('x'))} 201`])
})

test('a blob is mounted from a repository that has it', async () => {
  const { registry, client } = await clientOf([bearer(), when('POST ', { status: 201 })])
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

test('if a registry does not mount a blob, the blob is uploaded in the session that it opened', async () => {
  const { registry, client } = await clientOf()
  expect(await client.putBlob('a', Buffer.from('x'), 'b')).toMatchObject({ uploaded: true })
  expect(registry.log.map(line => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'PUT'])
})

test('a registry that refuses to mount is asked for an upload', async () => {
  const { registry, client } = await clientOf([when(/^POST .*mount=/, { status: 403 })])
  expect(await client.putBlob('a', Buffer.from('x'), 'b')).toMatchObject({ uploaded: true })
  expect(registry.log.map(line => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'POST', 'PUT'])
})

test('a failed upload starts again', async () => {
  const { registry, client, pauses } = await clientOf([
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
  expect(pauses.map(withoutJitter)).toEqual([500, 1500])
})

test('a registry that gives no location for an upload can’t be used', async () => {
  const { client } = await clientOf([when('POST ', { status: 202 })])
  await expect(client.putBlob('a', Buffer.from('x'))).rejects.toMatchObject({
    name: 'RegistryUnusable'
  })
})

test('an upload that can’t be cancelled does not count as a refusal', async () => {
  const { client } = await clientOf([when('DELETE ', 'reset')])
  expect(await client.pushRefusal('a')).toBeUndefined()
})

test('a large blob is sent whole, and reported part by part', async () => {
  const { registry, client } = await clientOf()
  const content = Buffer.alloc((5 << 19) + 7, 'x')
  const sent: number[][] = []
  await client.putBlob('a', content, undefined, (...bytes) => sent.push(bytes))
  expect(sent).toEqual([
    [1 << 20, content.length],
    [2 << 20, content.length],
    [content.length, content.length]
  ])
  expect(registry.blobs.get(digestOf(content))?.equals(content)).toBe(true)
  expect(registry.asked.at(-1)?.headers).toMatchObject({ 'content-length': `${content.length}` })
})
