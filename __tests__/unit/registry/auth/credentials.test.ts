import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dockerCredentials } from '../../../../src/registry/auth/credentials.js'
import { repository } from '../../../helpers/flowstore.js'

const auth = (text: string) => Buffer.from(text).toString('base64')

const find = (config: unknown, env: Record<string, string> = {}) =>
  dockerCredentials({
    DOCKER_CONFIG: repository({ 'config.json': JSON.stringify(config) }),
    ...env
  })

const CONFIG = {
  auths: {
    'ghcr.io': { auth: auth('me:pass:word') },
    'https://index.docker.io/v1/': { auth: auth('hub:secret') },
    'https://old.example/v2/': { username: 'a', password: 'b' },
    'token.example': { identitytoken: 'refresh' },
    'acr.example': { auth: auth('<token>:refresh') }
  }
}

test.each([
  ['ghcr.io', { username: 'me', password: 'pass:word' }],
  ['docker.io', { username: 'hub', password: 'secret' }],
  ['old.example', { username: 'a', password: 'b' }],
  ['token.example', { identitytoken: 'refresh' }],
  ['acr.example', { identitytoken: 'refresh' }],
  ['unknown.example', undefined]
])('the login of %s is found as docker writes it', async (registry, login) => {
  expect(await find(CONFIG)(registry)).toEqual(login)
})

test.each([
  ['a scheme', 'https://reg.example'],
  ['a scheme without TLS', 'http://reg.example'],
  ['a path', 'reg.example/org'],
  ['a scheme and a path', 'https://reg.example/v2/org/']
])('a key with %s is of its host', async (_what, key) => {
  const login = find({ auths: { [key]: { auth: auth('me:secret') } } })
  expect(await login('reg.example')).toEqual({ username: 'me', password: 'secret' })
  for (const other of ['example', 'reg.example:443', 'reg.example.org', 'org', 'docker.io']) {
    expect(await login(other)).toBeUndefined()
  }
})

test('the key of the host itself comes before one with a path', async () => {
  const login = find({
    auths: { 'reg.example/org': { auth: auth('b:2') }, 'reg.example': { auth: auth('a:1') } }
  })
  expect(await login('reg.example')).toEqual({ username: 'a', password: '1' })
})

test.each(['https://index.docker.io/v1/', 'https://index.docker.io/v2/', 'index.docker.io/acme'])(
  'the key %s is of Docker Hub',
  async key => {
    const login = find({ auths: { [key]: { auth: auth('hub:secret') } } })
    expect(await login('docker.io')).toEqual({ username: 'hub', password: 'secret' })
  }
)

test('without a configuration there is no login', async () => {
  expect(await dockerCredentials({ DOCKER_CONFIG: '/no/such/folder' })('ghcr.io')).toBeUndefined()
})

test('a configuration that is not JSON is an error that names it', async () => {
  const folder = repository({ 'config.json': '{' })
  await expect(dockerCredentials({ DOCKER_CONFIG: folder })('ghcr.io')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining(join(folder, 'config.json'))
  })
})

test('a configuration with a wrong field is an error that names the field, not its value', async () => {
  await expect(find({ auths: { 'ghcr.io': { auth: 1234 } } })('ghcr.io')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringMatching(
      /config\.json is not valid: 'auths\.ghcr\.io\.auth' must be a text, not a number$/
    )
  })
  await expect(find([])('ghcr.io')).rejects.toMatchObject({
    message: expect.stringMatching(/is not valid: it must be an object, not a list$/)
  })
})

test('a configuration that can’t be read is an error', async () => {
  const file = join(repository({ file: '' }), 'file')
  await expect(dockerCredentials({ DOCKER_CONFIG: file })('a')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining("can't be read")
  })
  const folder = repository({ 'config.json/a': '' })
  await expect(dockerCredentials({ DOCKER_CONFIG: folder })('a')).rejects.toMatchObject({
    message: expect.stringMatching(/config\.json is a folder, not a file$/)
  })
})

test('an empty DOCKER_CONFIG counts as not set: the configuration is in the home folder', async () => {
  const home = repository({ '.docker/config.json': '{"auths":{"a":{"auth":"YTpi"}}}' })
  expect(await dockerCredentials({ DOCKER_CONFIG: '', HOME: home })('a')).toBeDefined()
})

test('an empty configuration has no logins', async () => {
  const folder = repository({ 'config.json': '' })
  expect(await dockerCredentials({ DOCKER_CONFIG: folder })('a')).toBeUndefined()
})

test('fields that are null count as absent', async () => {
  expect(await find({ auths: null, credHelpers: null, credsStore: null })('a')).toBeUndefined()
})
