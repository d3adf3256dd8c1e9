import { afterEach, expect, test } from '@jest/globals'
import type { Notice } from '../../../src/log.js'
import { registriesOf } from '../../../src/registry/registries.js'
import { repository } from '../../helpers/flowstore.js'
import { openDoor, type Door } from '../../helpers/outside.js'
import { OCI_MANIFEST } from '../../helpers/registry-client.js'
import { bearer, serveRegistry, type Rule } from '../../helpers/registry-server.js'

const doors: Door[] = []
afterEach(() => {
  for (const door of doors.splice(0)) door.close()
})

/** A registry that is not on the loopback, with a manifest, and docker's login at it. */
async function outside(security: 'plain' | 'self-signed', ...rules: readonly Rule[]) {
  const registry = await serveRegistry(...rules)
  registry.put('a', OCI_MANIFEST, '{}', '1')
  const door = await openDoor(registry.host, security)
  doors.push(door)
  const auth = Buffer.from('me:s3cret').toString('base64')
  const DOCKER_CONFIG = repository({
    'config.json': JSON.stringify({ auths: { [door.host]: { auth } } })
  })
  const told: string[] = []
  const notice = ({ level, message }: Notice) => void told.push(`${level}: ${message}`)
  const registries = (...hosts: readonly string[]) =>
    registriesOf({ DOCKER_CONFIG }, hosts, { notice })
  return { host: door.host, registry, registries, told }
}

test.each<['plain' | 'self-signed', string]>([
  ['plain', 'has no TLS, which insecure-registries allows'],
  ['self-signed', 'is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT), which insecure-registries allows']
])(
  'a registry that is %s is used if it is named, and a warning tells it once',
  async (security, words) => {
    const { host, registries, told } = await outside(security)
    const all = registries('other.test', host)
    for (const client of [await all.client(host), await all.client(host, 'pull,push')]) {
      expect(await client.manifest('a', '1')).toMatchObject({ body: '{}' })
      expect(await client.putBlob('a', Buffer.from('content'))).toMatchObject({
        digest: expect.anything()
      })
    }
    expect(told).toEqual([expect.stringContaining(words)])
    expect(told[0]).toContain(host)
  }
)

test.each(['plain', 'self-signed'] as const)(
  'a registry that is %s is out of reach if another port of its host is named',
  async security => {
    const { host, registry, registries, told } = await outside(security)
    const client = await registries(`${host.split(':')[0] ?? ''}:1`).client(host)
    await expect(client.manifest('a', '1')).rejects.toMatchObject({ name: 'RegistryUnusable' })
    expect([registry.asked, told]).toEqual([[], []])
  }
)

test('a token service that speaks http gets the login only if it is named too', async () => {
  const service = await outside('plain')
  const tokens = bearer()
  const { host, registries } = await outside('plain', (asked, self) => {
    const answer = tokens(asked, self)
    if (answer === undefined || answer === 'reset' || answer.status !== 401) return answer
    return {
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${service.host}/token",service="it"` }
    }
  })
  const refused = await registries(host).client(host)
  await expect(refused.manifest('a', '1')).rejects.toMatchObject({
    reason: expect.stringContaining('which has no TLS')
  })
  expect(service.registry.asked).toEqual([])
  const allowed = await registries(host, service.host).client(host)
  await expect(allowed.manifest('a', '1')).rejects.toThrow()
  expect(service.registry.asked[0]?.headers.authorization).toMatch(/^Basic /)
})

test('a registry on this machine needs no name, and no warning tells of it', async () => {
  const { registry, registries, told } = await outside('plain')
  const client = await registries().client(registry.host)
  expect(await client.manifest('a', '1')).toBeDefined()
  expect(told).toEqual([])
})

test.each(['http://registry.lan', 'registry.lan/acme', '10.0.0.0/8', 'a b', 'registry.lan:port'])(
  '%s is no host',
  host => {
    expect(() => registriesOf({}, [host], { notice: () => undefined })).toThrow(
      `the option 'insecure-registries' has '${host}', which is no host`
    )
  }
)
