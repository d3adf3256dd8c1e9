import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dockerCredentials } from '../../../src/registry/credentials.js'
import { repository } from '../../helpers/flowstore.js'

const auth = (text: string) => Buffer.from(text).toString('base64')

const find = (config: unknown, env: Record<string, string> = {}) =>
  dockerCredentials({
    DOCKER_CONFIG: repository({ 'config.json': JSON.stringify(config) }),
    ...env
  })

test('logins are found under each name that docker writes', async () => {
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

test('no configuration is no login; a broken one is an error that names it', async () => {
  expect(await dockerCredentials({ DOCKER_CONFIG: '/no/such/folder' })('ghcr.io')).toBeUndefined()
  const folder = repository({ 'config.json': '{' })
  await expect(dockerCredentials({ DOCKER_CONFIG: folder })('ghcr.io')).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining(join(folder, 'config.json'))
  })
})

test('credential helpers are asked, those of one registry first', async () => {
  const bin = repository({
    'docker-credential-one': `#!/bin/sh
read -r server
[ "$1" = get ] && [ "$server" = one.example ] || { echo "credentials not found"; exit 1; }
echo '{"ServerURL":"one.example","Username":"u","Secret":"s"}'
`,
    'docker-credential-all': `#!/bin/sh
read -r server
echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$server\\"}"
`
  })
  if (process.platform === 'win32') return // scripts are no commands there
  for (const name of ['one', 'all']) chmodSync(join(bin, `docker-credential-${name}`), 0o755)
  const path = process.env['PATH'] ?? ''
  process.env['PATH'] = `${bin}:${path}`
  try {
    const lookup = find(
      { credsStore: 'all', credHelpers: { 'one.example': 'one', 'two.example': 'one' } },
      { PATH: process.env['PATH'] }
    )
    expect(await lookup('one.example')).toEqual({ username: 'u', password: 's' })
    expect(await lookup('two.example')).toEqual({ identitytoken: 'two.example' })
    expect(await lookup('docker.io')).toEqual({ identitytoken: 'https://index.docker.io/v1/' })
  } finally {
    process.env['PATH'] = path
  }
})
