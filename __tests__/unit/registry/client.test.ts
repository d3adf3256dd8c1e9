import { expect, test } from '@jest/globals'
import type { RegistryClient } from '../../../src/registry/client.js'
import { clientOf, errorBody, OCI_MANIFEST } from '../../helpers/registry-client.js'
import { bearer, digestOf, when, type Rule } from '../../helpers/registry-server.js'

test('a manifest is read by its tag, to the byte', async () => {
  const { registry, client } = await clientOf()
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

test('a missing manifest is undefined', async () => {
  const { client } = await clientOf()
  expect(await client.manifest('a/b', '2')).toBeUndefined()
})

test('manifests of both families are accepted', async () => {
  const { registry, client } = await clientOf()
  await client.manifest('a/b', '1')
  expect(registry.asked[0]?.headers.accept).toContain('vnd.docker.distribution.manifest.list.v2')
  expect(registry.asked[0]?.headers.accept).toContain(OCI_MANIFEST)
})

test('the media type in a manifest takes precedence over that of the answer', async () => {
  const { registry, client } = await clientOf()
  registry.put('a', 'application/json', JSON.stringify({ mediaType: OCI_MANIFEST }), '1')
  expect(await client.manifest('a', '1')).toMatchObject({ mediaType: OCI_MANIFEST })
})

test('parameters of the answer’s media type are dropped', async () => {
  const { registry, client } = await clientOf()
  registry.put('a', `${OCI_MANIFEST}; charset=utf-8`, '{}', '2')
  expect(await client.manifest('a', '2')).toMatchObject({ mediaType: OCI_MANIFEST })
})

test('the digest of a tag is read without the manifest', async () => {
  const { registry, client } = await clientOf()
  const digest = registry.put('a/b', OCI_MANIFEST, '{}', '1')
  expect(await client.digest('a/b', '1')).toBe(digest)
  expect(registry.log).toEqual(['HEAD /v2/a/b/manifests/1 200'])
})

test('the digest of a missing tag is undefined', async () => {
  const { registry, client } = await clientOf()
  expect(await client.digest('a/b', '2')).toBeUndefined()
  expect(registry.log).toEqual(['HEAD /v2/a/b/manifests/2 404'])
})

test('a digest that the answer to HEAD lacks is computed from the manifest', async () => {
  const { registry, client } = await clientOf([when('HEAD ', { status: 200 })])
  const digest = registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.digest('a', '1')).toBe(digest)
  expect(registry.log).toEqual(['HEAD /v2/a/manifests/1 200', 'GET /v2/a/manifests/1 200'])
})

const OTHER = `sha256:${'0'.repeat(64)}`

test.each<[string, (client: RegistryClient) => Promise<unknown>]>([
  ['a manifest that is not what its header says', client => client.manifest('a', 'header')],
  ['a manifest that is not what was asked for', client => client.manifest('a', OTHER)],
  ['a blob that is not what was asked for', client => client.blob('a', OTHER)]
])('%s is an error that names both digests', async (_, read) => {
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
  await expect(read(client)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a: the registry has ${digestOf(body)} instead of ${OTHER}`
  })
})

test('a missing blob is an error that names it', async () => {
  const { registry, client } = await clientOf()
  await expect(client.blob('a', digestOf('x'))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a lacks the blob ${digestOf('x')}`
  })
})

test('a blob is lost only if the registry says so twice', async () => {
  const digest = digestOf('x')
  const lost = (...rules: Rule[]) =>
    clientOf(rules).then(async ({ registry, client }) => {
      registry.putBlob('there')
      return [await client.isLost('a', digest), registry.log]
    })
  const asked = (status: number) => `HEAD /v2/a/blobs/${digest} ${status}`
  expect(await lost()).toEqual([true, [asked(404), asked(404)]])
  expect(await lost(when('HEAD', { status: 404 }, 1), when('HEAD', { status: 200 }))).toEqual([
    false,
    [asked(404), asked(200)]
  ])
})

test.each([403, 405, 503])('a blob is not lost if the registry answers %i', async status => {
  const { client } = await clientOf([when('HEAD', { status })])
  expect(await client.isLost('a', digestOf('x'))).toBe(false)
})

test('a missing blob that is too large for memory is an error that names it', async () => {
  const { registry, client } = await clientOf()
  const blob = { digest: digestOf('x'), size: 1 }
  await expect(client.readBlob('a', blob, () => Promise.resolve())).rejects.toMatchObject({
    name: 'BadContent',
    message: `${registry.host}/a lacks the blob ${digestOf('x')}`
  })
})

test('a refused manifest is an error that says why, and what to do', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/a/', { status: 403, body: errorBody('DENIED', 'not yours') })
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (403): DENIED: not yours`,
    hint: expect.stringContaining(`Log in to ${registry.host}`)
  })
})

test('a refused digest is an error with the registry’s words for the manifest', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/a/', { status: 403, body: errorBody('DENIED', 'not yours') }),
    when('HEAD /v2/a/', { status: 403 })
  ])
  await expect(client.digest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (403): DENIED: not yours`
  })
})

test('the error does not contain the HTML page of a proxy', async () => {
  const { registry, client } = await clientOf([
    when('GET /v2/b/', { status: 400, body: '<html>proxy</html>' })
  ])
  await expect(client.manifest('b', '1')).rejects.toMatchObject({
    message: `${registry.host} refuses a read of b (400): Bad Request`,
    hint: undefined
  })
})

test('a registry that answers 405 to a read can’t be used', async () => {
  const { client } = await clientOf([when('GET /v2/c/', { status: 405 })])
  await expect(client.manifest('c', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
})

test('a blob that the registry has is not uploaded', async () => {
  const { registry, client } = await clientOf()
  const { digest } = registry.putBlob('content')
  expect(await client.putBlob('a/b', Buffer.from('content'))).toEqual({ digest, uploaded: false })
  expect(registry.log).toEqual([`HEAD /v2/a/b/blobs/${digest} 200`])
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
])('a write that is answered with %d says why', async (status, said, expected) => {
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

test('a blob that is too large for the registry is named by its size', async () => {
  const { registry, client } = await clientOf([
    when('PUT ', { status: 413, body: '<html>nginx</html>' })
  ])
  await expect(client.putBlob('a', Buffer.alloc(3 << 20))).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: `${registry.host} refuses a push to a (413): it does not accept a blob of 3.0 MiB`
  })
})

const MOVED = `sha256:${'1'.repeat(64)}`
const moved = when('PUT ', { status: 201, headers: { 'docker-content-digest': MOVED } })

test('a manifest that the registry has another digest for is an error', async () => {
  const { registry, client } = await clientOf([moved])
  registry.put('a', OCI_MANIFEST, '{"other":1}', '1')
  await expect(client.putManifest('a', '1', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a:1: the registry has ${digestOf('{"other":1}')} instead of ${digestOf('{}')}`
  })
})

test('a manifest whose answer is lost is no error if the registry has it', async () => {
  const { registry, client } = await clientOf([when('PUT ', { status: 502 })])
  const digest = registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.putManifest('a', '1', OCI_MANIFEST, '{}')).toBe(digest)
})

test('a manifest whose answer is lost is the error of the request if the registry lacks it', async () => {
  const { client } = await clientOf([when('PUT ', { status: 502 })])
  await expect(client.putManifest('a', '1', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining('is not available at the moment (502)')
  })
})

test('wrong content is read once more', async () => {
  const { registry, client } = await clientOf([when('GET ', { status: 200, body: 'other' }, 1)])
  const { digest } = registry.putBlob('content')
  expect(String(await client.blob('a', digest))).toBe('content')
})

test('a blob that the registry has another digest for is an error', async () => {
  const { registry, client } = await clientOf([moved])
  await expect(client.putBlob('a', Buffer.from('{}'))).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a: the registry has ${MOVED} instead of ${digestOf('{}')}`
  })
})

test('if the answer to a put has no digest, the registry is asked for it', async () => {
  const { registry, client } = await clientOf([when('PUT ', { status: 201 })])
  const digest = registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.putManifest('a', '1', OCI_MANIFEST, '{}')).toBe(digest)
  expect(registry.log).toEqual(['PUT /v2/a/manifests/1 201', 'HEAD /v2/a/manifests/1 200'])
})

test('a manifest that is missing after its put is an error', async () => {
  const { registry, client } = await clientOf([when('PUT ', { status: 201 })])
  await expect(client.putManifest('a', '2', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host}/a:2: the registry has no manifest instead of ${digestOf('{}')}`
  })
})

test.each<[string, (client: RegistryClient) => Promise<unknown>]>([
  ['a digest', client => client.digest('a', '1')],
  ['a blob to put', client => client.putBlob('a', Buffer.from('x'))]
])('if the first request for %s keeps failing, no other request follows', async (_, ask) => {
  const { registry, client } = await clientOf([when('HEAD ', { status: 503 })])
  await expect(ask(client)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} is not available at the moment (503): Service Unavailable`
  })
  expect(registry.log.every(line => line.startsWith('HEAD'))).toBe(true)
})

test('a push that is accepted has no refusal, and leaves no upload open', async () => {
  const { registry, client } = await clientOf([bearer(), when('DELETE ', { status: 204 })])
  expect(await client.pushRefusal('a/b')).toBeUndefined()
  expect(registry.log).toEqual([
    'POST /v2/a/b/blobs/uploads/ 401',
    'GET /token?service=it&scope=repository%3Aa%2Fb%3Apull%2Cpush 200',
    'POST /v2/a/b/blobs/uploads/ 202',
    'DELETE /v2/a/b/blobs/uploads/1?_state=a%2Fb%3D 204'
  ])
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
  const { registry, client } = await clientOf([
    when('', {
      status,
      headers: status === 401 ? { 'www-authenticate': 'Basic realm="x"' } : {},
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
  ])
  expect(await client.pushRefusal('a')).toEqual({ status, words })
  expect(registry.log.length).toBeLessThanOrEqual(2)
})
