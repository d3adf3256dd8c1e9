import { expect, test } from '@jest/globals'
import { RetryTime } from '../../../src/http/retry.js'
import { silentLog } from '../../../src/log.js'
import { RegistryClient } from '../../../src/registry/client.js'
import { registriesOf } from '../../../src/registry/registries.js'
import { LOGIN, OCI_MANIFEST } from '../../helpers/registry-client.js'
import { serve, serveRegistry, when } from '../../helpers/registry-server.js'

/** A server that never answers, and how often it was asked. */
async function hanging(): Promise<{ readonly host: string; readonly asked: string[] }> {
  const asked: string[] = []
  const host = await serve(({ method = '', url = '' }) => {
    asked.push(`${method} ${url}`)
  })
  return { host, asked }
}

const sleep = () => Promise.resolve()

/** Milliseconds that some work takes. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

test('clients of several registries that hang share the time for failed requests', async () => {
  const retryTime = new RetryTime(400, 100)
  const servers = await Promise.all([hanging(), hanging(), hanging()])
  const took = await timeOf(async () => {
    for (const { host } of servers) {
      const client = new RegistryClient(host, LOGIN, { sleep, retryTime })
      await expect(client.digest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
    }
  })
  // The first has all the time; a loopback host is asked without and with TLS.
  expect(took).toBeGreaterThan(400)
  expect(took).toBeLessThan(1500)
  expect(servers.map(({ asked }) => asked.length)).toEqual([1, 1, 1])
})

test('a registry that hangs is not asked again by another client when the time is over', async () => {
  const retryTime = new RetryTime(200, 100)
  const { host, asked } = await hanging()
  const clients = [1, 2, 3].map(() => new RegistryClient(host, LOGIN, { sleep, retryTime }))
  const [first, ...others] = clients
  await expect(first?.digest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  const before = asked.length
  for (const client of others) {
    await expect(client.pushRefusal('a')).rejects.toMatchObject({
      reason: `${host} gave no answer before, and is not asked again`
    })
  }
  expect(asked.length).toBe(before)
})

test('what has to be tried after a failure is tried even when the time is over', async () => {
  const retryTime = new RetryTime(100, 100)
  const { host, asked } = await hanging()
  const client = new RegistryClient(host, LOGIN, { sleep, retryTime })
  await expect(client.digest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  const before = asked.length
  client.allowRetries(100)
  await expect(client.digest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
  expect(asked.length).toBeGreaterThan(before)
})

test('a registry that answers is asked when another one has taken all the time', async () => {
  const retryTime = new RetryTime(100, 1000)
  const { host } = await hanging()
  const hangs = new RegistryClient(host, LOGIN, { sleep, retryTime })
  const spent = hangs.digest('a', '1').catch((error: unknown) => error)
  const registry = await serveRegistry()
  registry.put('a', OCI_MANIFEST, '{}', '1')
  const works = new RegistryClient(registry.host, LOGIN, { sleep, retryTime })
  expect(await works.manifest('a', '1')).toMatchObject({ body: '{}' })
  expect(await spent).toMatchObject({ name: 'RegistryUnusable' })
  expect(await works.manifest('a', '1')).toMatchObject({ body: '{}' })
})

test('the clients of one run share the time for pauses', async () => {
  const busy = (pause: string) => ({ status: 429, headers: { 'retry-after': pause } })
  const registry = await serveRegistry(
    when('GET /v2/a/manifests/1', busy('1'), 1),
    when('GET /v2/a/manifests/2', busy('89'), 1)
  )
  registry.put('a', OCI_MANIFEST, '{}', '1')
  const registries = registriesOf({}, [], silentLog())
  const [one, other] = [
    await registries.client(registry.host),
    await registries.client(registry.host)
  ]
  expect(await one.manifest('a', '1')).toMatchObject({ body: '{}' })
  // 89 seconds would be within the time of a client of its own.
  await expect(other.manifest('a', '2')).rejects.toMatchObject({ code: 'REGISTRY' })
  expect(registry.log).toHaveLength(3)
})
