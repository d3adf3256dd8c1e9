import { expect, test } from '@jest/globals'
import { RetryTime } from '../../../src/http/retry.js'
import { RegistryClient } from '../../../src/registry/client.js'
import {
  clientOf,
  errorBody,
  LOGIN,
  OCI_MANIFEST,
  withoutJitter
} from '../../helpers/registry-client.js'
import { when } from '../../helpers/registry-server.js'

test('a pause is as long as Retry-After says, in seconds', async () => {
  const { registry, client, pauses } = await clientOf([
    when('GET ', { status: 429, headers: { 'retry-after': '7' } }, 1)
  ])
  registry.put('a', OCI_MANIFEST, '{}', '1')
  expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(pauses).toEqual([7000])
})

test('a pause has a part that is left to chance, so that runs that failed together part', async () => {
  const pauses = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { client, pauses: own } = await clientOf([when('GET ', { status: 503 }, 1)])
      await client.manifest('a', '1')
      return own[0]
    })
  )
  expect(new Set(pauses).size).toBeGreaterThan(1)
  expect(pauses.map(pause => withoutJitter(pause ?? 0))).toEqual([500, 500, 500, 500])
})

test('a pause is until the date that Retry-After says', async () => {
  const date = () => new Date(Date.now() + 20_000).toUTCString()
  const { client, pauses } = await clientOf([
    when('GET ', () => ({ status: 503, headers: { 'retry-after': date() } }), 1)
  ])
  await client.manifest('a', '1')
  expect(pauses[0]).toBeGreaterThan(15_000)
  expect(pauses[0]).toBeLessThanOrEqual(20_000)
})

test('a Retry-After that is longer than the time for all retries is not waited for', async () => {
  const { registry, client, pauses } = await clientOf([
    when('GET ', { status: 429, headers: { 'retry-after': '86400' } }, 1)
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} is not available at the moment (429): Too Many Requests`
  })
  expect([pauses, registry.log.length]).toEqual([[], 1])
})

test('requests that fail at the same time cost the time for retries once', () => {
  const time = new RetryTime(100)
  time.spend(1000, 1040)
  time.spend(1020, 1060)
  expect([time.has(39), time.has(40)]).toEqual([true, false])
  time.allow(50)
  expect(time.has(49)).toBe(true)
})

test.each(['0', '1.5', 'Wed, 21 Oct 2015 07:28:00 GMT'])(
  'a Retry-After without a pause is ignored (%s)',
  async pause => {
    const { registry, client, pauses } = await clientOf([
      when('GET ', { status: 503, headers: { 'retry-after': pause } }, 2)
    ])
    registry.put('a', OCI_MANIFEST, '{}', '1')
    await client.manifest('a', '1')
    expect(pauses.map(withoutJitter)).toEqual([500, 1500])
  }
)

test.each([408, 429, 500, 502, 503, 504])('a lasting status %d is an error', async status => {
  const { registry, client, pauses } = await clientOf([
    when('GET ', {
      status,
      headers: { 'retry-after': 'soon' },
      body: errorBody('TROUBLE', 'later')
    })
  ])
  await expect(client.manifest('a', '1')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: `${registry.host} is not available at the moment (${status}): TROUBLE: later`
  })
  expect(pauses.map(withoutJitter)).toEqual([500, 1500, 4500])
  expect(registry.log).toHaveLength(4)
})

test('a request whose connection breaks is sent again', async () => {
  const { registry, client, pauses } = await clientOf([when('GET ', 'reset', 2)])
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
])('a connection that fails by %s is tried %d times', async (code, times) => {
  let asked = 0
  const client = new RegistryClient('registry.example', LOGIN, {
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
