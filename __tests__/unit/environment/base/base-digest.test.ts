import { expect, test } from '@jest/globals'
import { baseDigest } from '../../../../src/environment/base/base-digest.js'
import { FlowstoreError } from '../../../../src/errors.js'
import { registriesWith } from '../../../helpers/registry-client.js'
import { serveRegistry, when } from '../../../helpers/registry-server.js'
import { putImage } from '../../../helpers/stages.js'

const noDaemon = () => Promise.reject(new Error('the daemon is not asked'))
const anonymous = registriesWith()

test('the digest of a base image is the one that its registry names', async () => {
  const registry = await serveRegistry()
  const digest = putImage(registry, 'acme/base', '1', {})
  expect(await baseDigest(noDaemon, `${registry.host}/acme/base:1`, false, anonymous)).toBe(digest)
})

test('a base image whose registry can’t be asked has no digest before its pull', async () => {
  const registry = await serveRegistry(when(/manifests/, { status: 405 }))
  const reference = `${registry.host}/acme/base:1`
  expect(await baseDigest(noDaemon, reference, false, anonymous)).toBeUndefined()
})

test('a login that can’t be read leaves the fault to the pull', async () => {
  const error = new FlowstoreError('REGISTRY', 'the helper is broken')
  const find = registriesWith(() => Promise.reject(error))
  expect(await baseDigest(noDaemon, 'r.test/acme/base:1', false, find)).toBeUndefined()
})

test('a fault of flowstore in asking the registry is not hidden', async () => {
  const find = registriesWith(() => Promise.reject(new TypeError('a bug')))
  await expect(baseDigest(noDaemon, 'r.test/acme/base:1', false, find)).rejects.toThrow('a bug')
})
