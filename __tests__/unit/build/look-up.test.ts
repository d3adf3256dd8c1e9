import { expect, test } from '@jest/globals'
import { lookUpFlows } from '../../../src/build/look-up.js'
import { imageLabels, type BuildDescription, type CheckedIn } from '../../../src/image/labels.js'
import { silentLog } from '../../../src/log.js'
import type { RawOptions } from '../../../src/options/options.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import {
  digestOf,
  serveRegistry,
  when,
  type RegistryServer
} from '../../helpers/registry-server.js'
import {
  BUILT,
  inputsOf,
  loadedFlow,
  plannedImage,
  putImage,
  services
} from '../../helpers/stages.js'

/** Puts an image with flows into a registry, as a build of a key leaves it. */
function putFlows(
  registry: RegistryServer,
  tag: string,
  key: string,
  imageName = 'acme/flows',
  built: BuildDescription = BUILT
) {
  const storage = new DockerStorage({ registryUrl: registry.host, imageName, imageTag: tag })
  storage.addFlow(loadedFlow('one'))
  return putImage(registry, 'acme/flows', tag, imageLabels(key, storage.serialize(), built))
}

async function lookUp(registry: RegistryServer, raw: RawOptions = {}) {
  const planned = await plannedImage(registry)
  const inputs = inputsOf({ 'registry-url': registry.host, 'image-name': 'acme/flows', ...raw })
  return lookUpFlows(inputs, planned, services())
}

test('an image with the same key and name is found, with its storage', async () => {
  const registry = await serveRegistry()
  const digest = putFlows(registry, 'k', 'k')
  const lookup = await lookUp(registry)
  expect(lookup).toMatchObject({ kind: 'found', found: { image: { digest }, built: BUILT } })
  expect(lookup.kind === 'found' && [...lookup.found.storage.flows.keys()]).toEqual(['one'])
})

test.each([
  ['key', 'other', 'acme/flows'],
  ['name', 'k', 'acme/others']
])('an image whose labels have another %s is not used', async (_what, key, name) => {
  const registry = await serveRegistry()
  putFlows(registry, 'k', key, name)
  expect(await lookUp(registry)).toMatchObject({ kind: 'absent' })
})

test.each<[CheckedIn, string]>([
  ['image', 'found'],
  ['runner', 'absent'],
  [null, 'absent']
])(
  'with require-check: image, an image whose flows were read back in %j is %s',
  async (checkedIn, kind) => {
    const registry = await serveRegistry()
    putFlows(registry, 'k', 'k', 'acme/flows', { ...BUILT, checkedIn })
    expect(await lookUp(registry, { 'require-check': 'image' })).toMatchObject({ kind })
    expect(await lookUp(registry)).toMatchObject({ kind: 'found' })
  }
)

test.each<[string, (registry: RegistryServer, digest: string) => string, string]>([
  ['layer', () => digestOf('layer'), 'lacks the layer'],
  [
    'configuration',
    (registry, digest) => {
      const { body = '' } = registry.manifests.get(`acme/flows@${digest}`) ?? {}
      return (JSON.parse(body) as { config: { digest: string } }).config.digest
    },
    'lacks the blob'
  ]
])('an image that lacks its %s is not used, with a warning', async (_what, lost, words) => {
  const registry = await serveRegistry()
  const planned = await plannedImage(registry)
  const digest = putFlows(registry, 'k', 'k')
  const blob = lost(registry, digest)
  registry.blobs.delete(blob)
  const log = silentLog()
  const inputs = inputsOf({ 'registry-url': registry.host, 'image-name': 'acme/flows' })
  expect(await lookUpFlows(inputs, planned, services(log))).toMatchObject({ kind: 'absent' })
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: `the image ${registry.host}/acme/flows:k is incomplete and built again: ${registry.host}/acme/flows ${words} ${blob}`
    }
  ])
})

test('an image whose label is not a storage is not used', async () => {
  const registry = await serveRegistry()
  putImage(registry, 'acme/flows', 'k', imageLabels('k', { type: 'Attic' }, BUILT))
  expect(await lookUp(registry)).toMatchObject({ kind: 'absent' })
})

test('the registry is not asked with force', async () => {
  const registry = await serveRegistry()
  putFlows(registry, 'k', 'k')
  expect(await lookUp(registry, { force: 'true' })).toMatchObject({ kind: 'absent' })
  expect(registry.log).toEqual([])
})

test('the digest that the user’s own tag has before the build is remembered', async () => {
  const registry = await serveRegistry()
  const digest = putFlows(registry, 'stable', 'of another build')
  const lookup = await lookUp(registry, { 'image-tag': 'stable' })
  expect(lookup).toMatchObject({ kind: 'absent', planned: { tagBefore: { digest } } })
})

test('a registry whose API can’t be used is left to the daemon', async () => {
  const registry = await serveRegistry(when('GET /v2/acme/flows/manifests/k', { status: 405 }))
  const lookup = await lookUp(registry)
  expect(lookup).toMatchObject({
    kind: 'absent',
    planned: { registry: { kind: 'daemon', reason: expect.stringContaining('405') } }
  })
})
