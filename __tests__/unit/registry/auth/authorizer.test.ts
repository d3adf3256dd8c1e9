import { expect, test } from '@jest/globals'
import { RegistryClient, type RegistryClientOptions } from '../../../../src/registry/client.js'
import type { Credentials } from '../../../../src/registry/auth/credentials.js'
import { send, type Send } from '../../../../src/http/send.js'
import { clientOf, LOGIN, OCI_MANIFEST } from '../../../helpers/registry-client.js'
import { bearer, digestOf, when, type Rule } from '../../../helpers/registry-server.js'

const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`

/** A registry with the manifest `a:1`, and a client of it. */
async function withManifest(
  rules: readonly Rule[],
  options: RegistryClientOptions = {},
  credentials: Credentials | undefined = LOGIN
) {
  const { registry, client } = await clientOf(rules, options, credentials)
  registry.put('a', OCI_MANIFEST, '{}', '1')
  return { registry, client }
}

const PULL = 'GET /token?service=it&scope=repository%3Aa%3Apull 200'
const PUSH = 'GET /token?service=it&scope=repository%3Aa%3Apull%2Cpush 200'

test('a token is asked for once, with the login, and serves every read', async () => {
  const { registry, client } = await withManifest([bearer()])
  await client.manifest('a', '1')
  await client.digest('a', '1')
  expect(registry.log).toEqual([
    'GET /v2/a/manifests/1 401',
    PULL,
    'GET /v2/a/manifests/1 200',
    'HEAD /v2/a/manifests/1 200'
  ])
  expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    basic,
    'Bearer token-1',
    'Bearer token-1'
  ])
})

test('the first write after reads requests its own token, without waiting for a refusal', async () => {
  const { registry, client } = await withManifest([bearer()])
  await client.manifest('a', '1')
  await client.putManifest('a', '2', OCI_MANIFEST, '{}')
  expect(registry.log.slice(3)).toEqual([PUSH, 'PUT /v2/a/manifests/2 201'])
})

test('a client that is going to write has one token for all requests', async () => {
  const { registry, client } = await withManifest([bearer()], { access: 'pull,push' })
  await client.manifest('a', '1')
  await Promise.all([
    client.putBlob('a', Buffer.from('x')),
    client.putBlob('a', Buffer.from('y')),
    client.putManifest('a', '2', OCI_MANIFEST, '{}')
  ])
  expect(registry.log.filter(line => line.includes('/token'))).toEqual([PUSH])
  expect(registry.log.filter(line => line.endsWith('401'))).toHaveLength(1)
})

test('concurrent requests share one token', async () => {
  const { registry, client } = await withManifest([bearer()])
  await Promise.all(['1', '1', '1'].map(tag => client.manifest('a', tag)))
  expect(registry.log.filter(line => line.includes('/token'))).toEqual([PULL])
})

test('a token is requested even without a login', async () => {
  const { registry } = await withManifest([bearer()])
  const anonymous = new RegistryClient(registry.host, undefined)
  expect(await anonymous.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(registry.asked[1]?.headers.authorization).toBeUndefined()
})

test('an expired token is replaced, once for all requests', async () => {
  let valid = 1
  const { registry, client } = await withManifest([
    ({ path, headers }, host) => {
      if (path.startsWith('/token')) {
        return { status: 200, body: JSON.stringify({ access_token: `t${valid}` }) }
      }
      if (headers.authorization === `Bearer t${valid}`) return undefined
      const challenge = `Bearer realm="http://${host}/token",service="it",error="invalid_token"`
      return { status: 401, headers: { 'www-authenticate': challenge } }
    }
  ])
  await client.manifest('a', '1')
  valid = 2
  await Promise.all([client.manifest('a', '1'), client.manifest('a', '1')])
  expect(registry.log.filter(line => line.includes('/token'))).toHaveLength(2)
  expect(registry.log.filter(line => line.endsWith('manifests/1 200'))).toHaveLength(3)
})

test('a token that is refused is not requested again', async () => {
  const { registry, client } = await withManifest([
    when('GET /token', { status: 200, body: JSON.stringify({ token: 'no good' }) }),
    when('', (_asked, host) => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="it"` }
    }))
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
  expect(registry.log).toHaveLength(3)
})

test('a token that lacks a scope is replaced by one with the scope that the registry asks for', async () => {
  const wanted = 'repository:cache/a:pull'
  const { registry, client } = await withManifest([
    ({ path, headers }, host) => {
      if (path.startsWith('/token')) {
        const scopes = new URL(path, 'http://x').searchParams.getAll('scope')
        return {
          status: 200,
          body: JSON.stringify({ token: scopes.includes(wanted) ? 'wide' : 'small' })
        }
      }
      if (headers.authorization === 'Bearer wide') return undefined
      const challenge = `Bearer realm="http://${host}/token",service="it"`
      return headers.authorization === undefined && !path.startsWith('/v2/b/')
        ? { status: 401, headers: { 'www-authenticate': challenge } }
        : {
            status: 403,
            headers: {
              'www-authenticate': `${challenge},scope="${wanted}",error="insufficient_scope"`
            }
          }
    }
  ])
  registry.put('b', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('b', '1')).toMatchObject({ body: '{}' })
  expect(registry.log).toEqual([
    'GET /v2/b/manifests/1 403',
    'GET /token?service=it&scope=repository%3Ab%3Apull&scope=repository%3Acache%2Fa%3Apull 200',
    'GET /v2/b/manifests/1 200'
  ])
})

test('after the challenge, every request has the basic login', async () => {
  const { registry, client } = await withManifest([
    ({ headers }) =>
      headers.authorization === basic
        ? undefined
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="Registry Realm"' } }
  ])
  await client.manifest('a', '1')
  await client.putManifest('a', '2', OCI_MANIFEST, '{}')
  expect(registry.log).toEqual([
    'GET /v2/a/manifests/1 401',
    'GET /v2/a/manifests/1 200',
    'PUT /v2/a/manifests/2 201'
  ])
})

test('a basic login that is wrong is sent once with each request', async () => {
  const { registry, client } = await withManifest([
    when('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: 'who?' })
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    message: `${registry.host} refuses a read of a (401): who?`
  })
  expect(registry.log).toHaveLength(2)
  await expect(client.putManifest('a', '1', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'PUSH_REFUSED'
  })
  expect(registry.log).toHaveLength(3)
})

test.each([
  [401, '{"details":"incorrect username or password"}', 401, 'incorrect username or password'],
  [400, '{"error":"invalid_grant","error_description":"expired"}', 401, 'invalid_grant: expired'],
  [403, '{"errors":[{"code":"DENIED","message":"denied"}]}', 403, 'DENIED: denied'],
  [404, '', 401, 'Unauthorized']
])('a token service that answers %d fails with its words', async (status, body, told, words) => {
  const { registry, client } = await withManifest([when('GET /token', { status, body }), bearer()])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} refuses a read of a (${told}): ${words}`
  })
  await expect(client.putManifest('a', '1', OCI_MANIFEST, '{}')).rejects.toMatchObject({
    code: 'PUSH_REFUSED',
    message: `${registry.host} refuses a push to a (${told}): ${words}`
  })
  expect(registry.manifests.size).toBe(2)
})

test('a token service that fails temporarily is asked again', async () => {
  const { registry, client } = await withManifest([
    when('GET /token', { status: 503 }, 2),
    bearer()
  ])
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(registry.log.filter(line => line.startsWith('GET /token'))).toHaveLength(3)
})

test.each(['token', '/token', 'ftp://reg.example/token', 'file:///etc/passwd', 'http://'])(
  'a token service at %s is an error that names it',
  async realm => {
    const { registry, client } = await withManifest([
      when('', { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } })
    ])
    await expect(client.manifest('a', '1')).rejects.toMatchObject({
      code: 'REGISTRY',
      message: `${registry.host} asks for a token of '${realm}', which is no http(s) address`
    })
  }
)

test('a login is not sent to another machine without TLS', async () => {
  const asked: string[] = []
  const { registry } = await withManifest([
    when('', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="http://token.example/",service="it"' }
    })
  ])
  const client = new RegistryClient(registry.host, LOGIN, {
    send: (url, request) => {
      asked.push(url.host)
      return send(url, request)
    }
  })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    name: 'RegistryUnusable',
    reason: 'a login is not sent to http://token.example, which has no TLS'
  })
  expect(new Set(asked)).toEqual(new Set([registry.host]))
})

/** A registry with TLS, as a client sees it: an answer for each URL, and `METHOD url LOGIN` in the log. */
function answering(answers: Record<string, { status: number; location?: string; body?: string }>) {
  const log: string[] = []
  const challenge = 'Bearer realm="http://reg.example/token",service="it"'
  const sends: Send = ({ origin, pathname }, { method, headers }) => {
    const authorization = headers?.['authorization']
    log.push(`${method} ${origin}${pathname} ${authorization ?? '-'}`)
    const { status, location, body } =
      authorization === 'Bearer t'
        ? { status: 200, body: '{}', location: undefined }
        : (answers[`${origin}${pathname}`] ?? { status: 401, location: undefined, body: '' })
    const all: Record<string, string | undefined> = { location, 'www-authenticate': challenge }
    return Promise.resolve({
      status,
      body: Buffer.from(body ?? ''),
      headers: { get: name => all[name] ?? null }
    })
  }
  return { log, client: new RegistryClient('reg.example', LOGIN, { send: sends }) }
}

test('a token service on the registry’s own host is asked over TLS, even if a challenge names http', async () => {
  const { log, client } = answering({
    'https://reg.example/token': { status: 200, body: '{"token":"t"}' }
  })
  await client.manifest('a', '1')
  expect(log[1]).toBe(`GET https://reg.example/token ${basic}`)
})

test('a redirect of a token service keeps the login on the same host', async () => {
  const { log, client } = answering({
    'https://reg.example/token': { status: 301, location: '/v2/token' },
    'https://reg.example/v2/token': { status: 200, body: '{"token":"t"}' }
  })
  await client.manifest('a', '1')
  expect(log.slice(1, -1)).toEqual([
    `GET https://reg.example/token ${basic}`,
    `GET https://reg.example/v2/token ${basic}`
  ])
})

test('a redirect of a token service to another host drops the login', async () => {
  const { log, client } = answering({
    'https://reg.example/token': { status: 302, location: 'http://other.example/token' },
    'http://other.example/token': { status: 200, body: '{"token":"t"}' }
  })
  await client.manifest('a', '1')
  expect(log.slice(1, -1)).toEqual([
    `GET https://reg.example/token ${basic}`,
    'GET http://other.example/token -'
  ])
})

test('a circle of redirects of a token service ends', async () => {
  const { log, client } = answering({
    'https://reg.example/token': { status: 307, location: '/token' }
  })
  await expect(client.manifest('a', '1')).rejects.toMatchObject({ code: 'REGISTRY' })
  expect(log.length).toBeLessThan(10)
})

test('an identity token is posted, never sent as a password', async () => {
  const { registry, client } = await withManifest(
    [when('POST /token', { status: 200, body: '{"access_token":"token-1"}' }), bearer()],
    {},
    { identitytoken: 'r' }
  )
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  const [, token] = registry.asked
  expect(token?.headers.authorization).toBeUndefined()
  expect(Object.fromEntries(new URLSearchParams(token?.body.toString()))).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'r',
    client_id: 'flowstore',
    service: 'it',
    scope: 'repository:a:pull'
  })
})

test('no secret is in a message', async () => {
  const location = '/v2/a/blobs/uploads/1?_state=signed-state'
  const { registry, client } = await withManifest(
    [
      bearer('token-of-mine'),
      when('POST ', { status: 202, headers: { location } }),
      when('PUT ', ({ headers, path }, host) => ({
        status: 400,
        body: `bad: ${headers.authorization} at http://me:pw@${host}${path} and ${path} with hunter22, ${Buffer.from('me:hunter22').toString('base64')}`
      }))
    ],
    {},
    { username: 'me', password: 'hunter22' }
  )
  const error = (await client
    .putBlob('a', Buffer.from('x'))
    .catch((caught: unknown) => caught)) as Error
  expect(error.message).toBe(
    `${registry.host} refuses a push to a (400): bad: Bearer *** at http://${registry.host}/v2/a/blobs/uploads/1 and /v2/a/blobs/uploads/1 with ***, ***`
  )
  expect(JSON.stringify(error)).not.toContain(digestOf('x'))
})
