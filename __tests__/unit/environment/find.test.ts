import { expect, test } from '@jest/globals'
import { findEnvironment, hasLayers, keyedImage } from '../../../src/environment/find.js'
import { environmentLabels } from '../../../src/environment/environment-labels.js'
import { environmentKey } from '../../../src/environment/recipe.js'
import type { EnvironmentRequest } from '../../../src/environment/request.js'
import { silentLog } from '../../../src/log.js'
import { platformOf } from '../../../src/util/platform.js'
import { digestOf, serveRegistry, when, type Rule } from '../../helpers/registry-server.js'
import {
  environmentFacts,
  environmentRequest,
  putImage,
  repositoryIn
} from '../../helpers/stages.js'

const keyOf = ({ prepared }: EnvironmentRequest): string =>
  environmentKey(prepared, `sha256:${'1'.repeat(64)}`, platformOf('linux', process.arch))

async function searchIn(...rules: readonly Rule[]) {
  const registry = await serveRegistry(...rules)
  const log = silentLog()
  const request = await environmentRequest(log)
  const access = { kind: 'direct', repository: await repositoryIn(registry) } as const
  return { registry, log, request, access, key: keyOf(request) }
}

test('an environment image is found in the registry under its key, without a daemon', async () => {
  const { registry, access, request, key } = await searchIn()
  putImage(registry, 'acme/flows', `env-${key}`, environmentLabels(environmentFacts(key)))
  expect(await findEnvironment(request, access)).toMatchObject({
    environment: {
      key,
      user: 'app',
      variables: { LANG: 'C.UTF-8' },
      location: { kind: 'registry' }
    },
    registry: { kind: 'direct' }
  })
})

test('an environment image that the registry does not have is undefined', async () => {
  const { access, request } = await searchIn()
  expect(await findEnvironment(request, access)).toMatchObject({
    environment: undefined,
    registry: { kind: 'direct' }
  })
})

test('an image whose labels have another key is not used, with a warning', async () => {
  const { registry, access, request, key, log } = await searchIn()
  putImage(registry, 'acme/flows', `env-${key}`, environmentLabels(environmentFacts('other')))
  expect((await findEnvironment(request, access)).environment).toBeUndefined()
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining(`env-${key} in the registry don't match its key`)
    }
  ])
})

test('an image that lacks a layer is not used, with a warning', async () => {
  const { registry, access, request, key, log } = await searchIn()
  putImage(registry, 'acme/flows', `env-${key}`, environmentLabels(environmentFacts(key)))
  registry.blobs.delete(digestOf('layer'))
  const trusted = await findEnvironment(request, access, 'trusted')
  expect(trusted.environment).toMatchObject({ key })
  expect(log.notices).toEqual([])
  expect((await findEnvironment(request, access)).environment).toBeUndefined()
  const lost = `the image env-${key} is incomplete, ${registry.host}/acme/flows lacks the layer ${digestOf('layer')}: it is rebuilt`
  expect(log.notices).toEqual([{ level: 'warning', message: lost }])
})

test('an image that was found can be asked for its layers later', async () => {
  const { registry, access, request, key, log } = await searchIn()
  putImage(registry, 'acme/flows', `env-${key}`, environmentLabels(environmentFacts(key)))
  const { environment } = await findEnvironment(request, access, 'trusted')
  if (environment === undefined) throw new Error('no environment')
  expect(await hasLayers(environment, access, log)).toBe(true)
  registry.blobs.delete(digestOf('layer'))
  expect(await hasLayers(environment, access, log)).toBe(false)
  expect(log.notices).toMatchObject([{ message: expect.stringContaining('is incomplete') }])
})

test('an image with dependencies is used, unless it lacks a layer', async () => {
  const { registry, access, log } = await searchIn()
  const digest = putImage(registry, 'acme/flows', 'env-d', { 'io.flowstore.key': 'the key' })
  const find = () => keyedImage(access.repository, 'env-d', 'the key', log)
  expect(await find()).toBe(`${registry.host}/acme/flows@${digest}`)
  registry.blobs.delete(digestOf('layer'))
  expect(await find()).toBeUndefined()
  expect(log.notices).toMatchObject([{ message: expect.stringContaining('env-d is incomplete') }])
})

test('an image with dependencies whose label has another key is not used, with a warning', async () => {
  const { registry, access, log } = await searchIn()
  putImage(registry, 'acme/flows', 'env-d', { 'io.flowstore.key': 'another key' })
  expect(await keyedImage(access.repository, 'env-d', 'the key', log)).toBeUndefined()
  expect(log.notices).toMatchObject([
    { level: 'warning', message: expect.stringContaining("env-d in the registry don't match") }
  ])
})

test('a registry whose API can’t be used is left to the daemon from then on', async () => {
  const { access, request } = await searchIn(when('GET /v2/acme/flows/manifests/', { status: 405 }))
  expect(await findEnvironment(request, access)).toMatchObject({
    environment: undefined,
    registry: { kind: 'daemon', reason: expect.stringContaining('405') }
  })
})

test('a registry that refuses the read is not treated as one without the image', async () => {
  const { access, request } = await searchIn(when('GET /v2/acme/flows/manifests/', { status: 403 }))
  await expect(findEnvironment(request, access)).rejects.toMatchObject({ code: 'REGISTRY' })
})

test('no environment image is looked for with nocache', async () => {
  const { registry, access, request } = await searchIn()
  const prepared = { ...request.prepared, buildKwargs: { nocache: true } }
  expect((await findEnvironment({ ...request, prepared }, access)).environment).toBeUndefined()
  expect(registry.log).toEqual([])
})

test('the daemon is asked first if the image is not pushed', async () => {
  const { request } = await searchIn()
  await expect(findEnvironment(request, { kind: 'none' })).rejects.toMatchObject({
    code: 'DAEMON'
  })
})
