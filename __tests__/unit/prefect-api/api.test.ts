import { expect, test } from '@jest/globals'
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
  expect(pauses).toEqual(expected)
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
  expect(pauses).toEqual([500, 1500, 4500])
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
  ['404', fail(404, '{"detail":"Not Found"}'), '(404): Not Found', 'ends in /api'],
  [
    '500',
    fail(500, '{"exception_message":"Internal Server Error"}'),
    '(500): Internal Server Error',
    'log of the server'
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
    'ends in /api'
  ],
  ['other JSON', fail(200, '{"a":1}'), "not of Prefect's API", 'ends in /api']
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
