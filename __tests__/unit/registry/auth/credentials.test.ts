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

test('a login is found under each name that docker writes', async () => {
  const lookup = find({
    auths: {
      'ghcr.io': { auth: auth('me:pass:word') },
      'https://index.docker.io/v1/': { auth: auth('hub:secret') },
      'https://old.example/v2/': { username: 'a', password: 'b' },
      'token.example': { identitytoken: 'refresh' },
      'acr.example': { auth: auth('<token>:refresh') }
    }
  })
  expect(await lookup('ghcr.io')).toEqual({ username: 'me', password: 'pass:word' })
  expect(await lookup('docker.io')).toEqual({ username: 'hub', password: 'secret' })
  expect(await lookup('old.example')).toEqual({ username: 'a', password: 'b' })
  expect(await lookup('token.example')).toEqual({ identitytoken: 'refresh' })
  expect(await lookup('acr.example')).toEqual({ identitytoken: 'refresh' })
  expect(await lookup('unknown.example')).toBeUndefined()
})

test('there is no login where there is no configuration', async () => {
  expect(await dockerCredentials({ DOCKER_CONFIG: '/no/such/folder' })('ghcr.io')).toBeUndefined()
})

test('an invalid configuration is an error that names its file', async () => {
  const folder = repository({ 'config.json': '{' })
  await expect(dockerCredentials({ DOCKER_CONFIG: folder })('ghcr.io')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining(join(folder, 'config.json'))
  })
})

test('a configuration that can’t be read is an error', async () => {
  const file = join(repository({ file: '' }), 'file')
  await expect(dockerCredentials({ DOCKER_CONFIG: file })('a')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining("can't be read")
  })
})

const ALL = `#!/bin/sh
read -r server
echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$server\\"}"
`
const ONE = `#!/bin/sh
read -r server
[ "$1" = get ] && [ "$server" = one.example ] || { echo "credentials not found"; exit 1; }
echo '{"ServerURL":"one.example","Username":"u","Secret":"s"}'
`

test('the registry’s own credential helper is asked, else the credential store, then the file', () =>
  withHelpers({ 'docker-credential-one': ONE, 'docker-credential-all': ALL }, async () => {
    const left = { auth: auth('old:login') }
    const lookup = find(
      {
        auths: { 'one.example': left, 'two.example': left, 'three.example': left },
        credsStore: 'all',
        credHelpers: { 'one.example': 'one', 'two.example': 'one' }
      },
      { PATH: process.env['PATH'] ?? '' }
    )
    expect(await lookup('one.example')).toEqual({ username: 'u', password: 's' })
    expect(await lookup('two.example')).toEqual({ username: 'old', password: 'login' })
    expect(await lookup('three.example')).toEqual({ identitytoken: 'three.example' })
    expect(await lookup('docker.io')).toEqual({ identitytoken: 'https://index.docker.io/v1/' })
  }))

test('a helper that fails is an error that names it, unless the file has a login', () =>
  withHelpers({ 'docker-credential-odd': '#!/bin/sh\necho my-password\n' }, async () => {
    const env = { PATH: process.env['PATH'] ?? '' }
    const odd = { code: 'REGISTRY', message: expect.stringContaining('docker-credential-odd') }
    const caught = await find({ credsStore: 'odd' }, env)('a.example').catch((e: unknown) => e)
    expect(caught).toMatchObject(odd)
    expect(JSON.stringify(caught)).not.toContain('my-password')
    const gone = { credsStore: 'gone', auths: { 'a.example': { auth: auth('a:b') } } }
    expect(await find(gone, env)('a.example')).toEqual({ username: 'a', password: 'b' })
    await expect(find(gone, env)('b.example')).rejects.toMatchObject({
      code: 'REGISTRY',
      message: expect.stringContaining("docker-credential-gone can't be asked for a login")
    })
  }))

test('an empty DOCKER_CONFIG is taken for one that is not set', async () => {
  const home = repository({ '.docker/config.json': '{"auths":{"a":{"auth":"YTpi"}}}' })
  expect(await dockerCredentials({ DOCKER_CONFIG: '', HOME: home })('a')).toBeDefined()
})

test('an empty configuration has no login', async () => {
  const folder = repository({ 'config.json': '' })
  expect(await dockerCredentials({ DOCKER_CONFIG: folder })('a')).toBeUndefined()
})

test('fields that are null have no login', async () => {
  expect(await find({ auths: null, credHelpers: null, credsStore: null })('a')).toBeUndefined()
})

test('a configuration that can’t be read is an error', async () => {
  const file = repository({ file: '' })
  await expect(dockerCredentials({ DOCKER_CONFIG: join(file, 'file') })('a')).rejects.toMatchObject(
    { code: 'REGISTRY', message: expect.stringContaining("can't be read") }
  )
})
