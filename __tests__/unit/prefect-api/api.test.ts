import { expect, test } from '@jest/globals'
import { withoutJitter } from '../../helpers/registry-client.js'
import { apiAddress } from '../../../src/prefect-api/address.js'
import { PrefectApi } from '../../../src/prefect-api/api.js'
import { serveDeployments } from '../../helpers/deployments-api.js'
import { serve, when, type Misbehaviour } from '../../helpers/registry-server.js'

const KEY = 'pnu_0123456789'
const fail = (status: number, body = '', headers = {}): Misbehaviour => ({ status, body, headers })

test.each([
  ['502', fail(502), [500]],
  ['503', fail(503), [500]],
  ['504', fail(504), [500]],
  ['a cut connection', 'reset' as const, [500]],
  ['429 with Retry-After', fail(429, '', { 'retry-after': '7' }), [7000]]
])('%s is tried again', async (_, answer, expected) => {
  const server = await serveDeployments({}, when('GET ', answer, 1))
  const { api, pauses } = server.client()
  expect(await api.server()).toMatchObject({ version: '3.9.1' })
  expect(pauses.map(withoutJitter)).toEqual(expected)
})

test('a server that does not listen yet is tried again, four times in all', async () => {
  const pauses: number[] = []
  const sleep = (pause: number) => Promise.resolve(pauses.push(pause))
  const api = new PrefectApi(apiAddress({ PREFECT_API_URL: 'http://127.0.0.1:9/api' }), { sleep })
  await expect(api.server()).rejects.toMatchObject({
    code: 'PREFECT_API',
    message: expect.stringContaining('ECONNREFUSED'),
    hint: expect.stringContaining('Check PREFECT_API_URL')
  })
  expect(pauses.map(withoutJitter)).toEqual([500, 1500, 4500])
})

test.each([
  [
    '401',
    fail(401, '{"detail":"Unauthorized"}'),
    'does not accept the login (401): Unauthorized',
    'PREFECT_API_KEY'
  ],
  [
    '403',
    fail(403, '{"detail":"Forbidden"}'),
    'refuses to read its version (403): Forbidden',
    'role'
  ],
  ['404', fail(404, '{"detail":"Not Found"}'), '(404): Not Found', 'Check PREFECT_API_URL'],
  [
    '500',
    fail(500, '{"exception_message":"Internal Server Error"}'),
    '(500): Internal Server Error',
    'Look at the log of the server'
  ],
  [
    '503',
    fail(503, 'Service Unavailable'),
    "can't read its version (503): Service Unavailable",
    'tried several times'
  ],
  ['429', fail(429), "can't read its version (429): Too Many Requests", 'Run this again later'],
  [
    'a redirect',
    fail(307, '', { location: 'https://p.example/api/admin/version' }),
    '(307)',
    'https://p.example/api'
  ],
  [
    'the page of the UI',
    fail(200, '<!DOCTYPE html>'),
    "not of Prefect's API: it is no JSON",
    'login page of a proxy'
  ],
  ['other JSON', fail(200, '{"a":1}'), "not of Prefect's API", 'something else answers there']
])('%s is an error with a hint', async (_, answer, words, hint) => {
  const server = await serveDeployments({}, when('GET ', answer))
  await expect(server.client().api.server()).rejects.toMatchObject({
    code: 'PREFECT_API',
    exitCode: 6,
    message: expect.stringContaining(words),
    hint: expect.stringContaining(hint)
  })
})

test.each([
  [
    {
      exception_message: 'Invalid request received.',
      exception_detail: [
        { loc: ['body', 'schedules', 0, 'cron'], msg: 'not valid', input: 'pass-word' }
      ],
      request_body: 'pass-word'
    },
    'schedules.0.cron: not valid'
  ],
  [{ detail: 'Error creating deployment: no such thing' }, 'no such thing'],
  [{ detail: [{ loc: ['body', 'name'], msg: 'field required' }] }, 'name: field required']
])('the reason of a 422 is that of its field: %j', async (body, words) => {
  const server = await serveDeployments(
    {},
    when('POST /api/deployments/', fail(422, JSON.stringify(body)))
  )
  const error = (await server
    .client()
    .api.writeDeployment({}, 'f/d')
    .catch((e: unknown) => e)) as Error
  expect(error.message).toMatch(
    new RegExp(`refuses to write the deployment "f/d" \\(422\\): .*${words}`)
  )
  expect(error.message).not.toContain('pass-word')
})

test('the key is sent and never said', async () => {
  const server = await serveDeployments(
    {},
    when('GET ', ({ headers }) => fail(401, JSON.stringify({ detail: headers.authorization })))
  )
  const { api } = server.client({ PREFECT_API_KEY: KEY })
  await expect(api.server()).rejects.toMatchObject({
    message: expect.stringContaining('Bearer ***')
  })
  expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
})

test('a redirect is not followed, so the key stays with the server', async () => {
  let asked = 0
  const other = await serve((_, response) => {
    asked += 1
    response.end('"3.9.1"')
  })
  const server = await serveDeployments(
    {},
    when('GET ', fail(302, '', { location: `http://${other}/` }))
  )
  await expect(server.client({ PREFECT_API_KEY: KEY }).api.server()).rejects.toThrow('(302)')
  expect(asked).toBe(0)
})

test('an automation is not made twice: a cut connection may have made it', async () => {
  const server = await serveDeployments({}, when('POST /api/automations/', 'reset'))
  const { api, pauses } = server.client()
  await expect(api.makeAutomation({ name: 'a' }, 'd', 'f/d')).rejects.toThrow('no answer')
  expect(pauses).toEqual([])
})

test('lists are read in pages', async () => {
  const server = await serveDeployments()
  server.flows.set('f', { id: 'f', name: 'f' })
  for (let index = 0; index < 201; index += 1) {
    server.deployments.set(String(index), { id: String(index), name: String(index), flow_id: 'f' })
  }
  expect(await server.client().api.allDeployments()).toHaveLength(201)
  expect(server.log).toHaveLength(2)
})

test('an address without /api gets the hint that it usually has it', async () => {
  const { url } = await serveDeployments({}, when('GET ', fail(200, '<!DOCTYPE html>')))
  const api = new PrefectApi(apiAddress({ PREFECT_API_URL: url.replace('/api', '') }))
  await expect(api.server()).rejects.toMatchObject({
    hint: expect.stringContaining('ends in /api')
  })
})

test('a path that the server does not know is an error, and a pool that it does not have is none', async () => {
  const server = await serveDeployments(
    {},
    when(/work_pools\/lost/, fail(404, '{"detail":"Not Found"}'))
  )
  const { api } = server.client()
  expect(await api.workPool('nope')).toBeUndefined()
  await expect(api.workPool('lost')).rejects.toMatchObject({
    message: expect.stringContaining('(404)')
  })
})

test('the headers of the environment are sent, and their values are never said', async () => {
  const server = await serveDeployments(
    {},
    when('GET ', ({ headers }) => fail(403, JSON.stringify({ detail: headers['x-proxy-token'] })))
  )
  const { api } = server.client({ PREFECT_CLIENT_CUSTOM_HEADERS: '{"X-Proxy-Token":"t0ken-abc"}' })
  await expect(api.server()).rejects.toMatchObject({
    message: expect.stringContaining('(403): ***')
  })
  expect(server.asked[0]?.headers['x-proxy-token']).toBe('t0ken-abc')
})

test('a server that is protected against forged requests gets its token, anew when it has expired', async () => {
  let valid = 'one'
  const server = await serveDeployments({}, ({ method, path, headers }) => {
    if (path.startsWith('/api/csrf-token')) return fail(200, JSON.stringify({ token: valid }))
    if (method === 'GET' || headers['prefect-csrf-token'] === valid) return undefined
    return fail(403, '{"detail":"Invalid CSRF token or client identifier."}')
  })
  const { api } = server.client()
  await api.makeFlow('a')
  await api.makeFlow('b')
  valid = 'two'
  await api.makeFlow('c')
  expect([...server.flows.values()].map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(server.log.filter(line => line.includes('csrf'))).toHaveLength(2)
})

test('a server that hangs is left after the time of PREFECT_API_REQUEST_TIMEOUT', async () => {
  const host = await serve(() => undefined)
  const env = { PREFECT_API_URL: `http://${host}/api`, PREFECT_API_REQUEST_TIMEOUT: '0.05' }
  const api = new PrefectApi(apiAddress(env), { sleep: () => Promise.resolve() })
  await expect(api.server()).rejects.toMatchObject({
    code: 'PREFECT_API',
    message: expect.stringMatching(/no answer from the server .* read its version: .*time/i)
  })
})

test('an interruption ends a request that hangs, and a pause', async () => {
  const host = await serve(() => undefined)
  const hanging = new PrefectApi(apiAddress({ PREFECT_API_URL: `http://${host}/api` }))
  const busy = await serveDeployments({}, when('GET ', fail(503, '', { 'retry-after': '60' })))
  const pausing = new PrefectApi(apiAddress({ PREFECT_API_URL: busy.url }))
  const abort = new AbortController()
  const asking = [hanging, pausing].map(api => {
    api.stopOn(abort.signal)
    return api.server()
  })
  setTimeout(() => {
    abort.abort()
  }, 100)
  for (const result of await Promise.allSettled(asking)) {
    expect(result).toMatchObject({
      reason: { code: 'INTERRUPTED', message: 'the deploy was interrupted' }
    })
  }
})
