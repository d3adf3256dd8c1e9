import { expect, test } from '@jest/globals'
import {
  connectionOptions,
  engineAddress,
  engineUrl
} from '../../../../src/docker/engine/address.js'
import type { DockerEnvironment } from '../../../../src/docker/engine/certificates.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

test.each<[string, string | undefined, DockerEnvironment, NodeJS.Platform, string]>([
  ['base-url', 'tcp://a', { DOCKER_HOST: 'tcp://b' }, 'linux', 'tcp://a'],
  ['DOCKER_HOST', undefined, { DOCKER_HOST: 'tcp://b' }, 'linux', 'tcp://b'],
  ["the platform's default", undefined, {}, 'linux', 'unix:///var/run/docker.sock'],
  [
    "the platform's default",
    undefined,
    { DOCKER_HOST: '' },
    'win32',
    'npipe:////./pipe/docker_engine'
  ]
])('the URL is that of %s', (source, baseUrl, env, platform, url) => {
  expect(engineUrl(baseUrl, env, platform)).toEqual({ url, source })
})

test.each([
  ['unix:///var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
  ['unix://var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
  ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
  ['tcp://docker.example', { kind: 'http', host: 'docker.example', port: '2375' }],
  ['docker.example:99', { kind: 'http', host: 'docker.example', port: '99' }],
  ['http://[::1]:99', { kind: 'http', host: '::1', port: '99' }]
])('%s is an address', async (url, address) => {
  expect(await engineAddress(url, {})).toEqual(address)
})

test.each([
  ['https://docker.example', {}],
  ['tcp://docker.example', { DOCKER_TLS_VERIFY: '1' }]
])('%s with %j uses TLS', async (url, env) => {
  const address = await engineAddress(url, { DOCKER_CONFIG: temporaryFolder(), ...env })
  expect(address).toEqual({
    kind: 'https',
    host: 'docker.example',
    port: '2376',
    certificates: undefined
  })
})

test('each request has the certificates', () => {
  const certificates = { folder: '/x', ca: 'A', cert: 'B', key: 'C' }
  expect(connectionOptions({ kind: 'https', host: 'h', port: '1', certificates })).toEqual({
    host: 'h',
    port: '1',
    ca: 'A',
    cert: 'B',
    key: 'C'
  })
})
