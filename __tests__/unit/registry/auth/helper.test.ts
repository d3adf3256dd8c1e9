import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { dockerCredentials } from '../../../../src/registry/auth/credentials.js'
import { askHelper } from '../../../../src/registry/auth/helper.js'
import { repository } from '../../../helpers/flowstore.js'

/** The variables of a machine whose PATH has these programs first. */
function machineWith(scripts: Readonly<Record<string, string>>): Record<string, string> {
  const bin = repository(scripts)
  for (const name of Object.keys(scripts)) chmodSync(join(bin, name), 0o755)
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
}

const ALL = `#!/bin/sh
read -r server
echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$server\\"}"
`
const ONE = `#!/bin/sh
read -r server
[ "$1" = get ] && [ "$server" = one.example ] || { echo "credentials not found"; exit 1; }
echo '{"ServerURL":"one.example","Username":"u","Secret":"s"}'
`
const env = machineWith({
  'docker-credential-one': ONE,
  'docker-credential-all': ALL,
  'docker-credential-odd': '#!/bin/sh\necho my-password\n',
  'docker-credential-killed': '#!/bin/sh\nkill -9 $$\n',
  'docker-credential-hangs': '#!/bin/sh\nsleep 60\n',
  'docker-credential-deaf': `#!/bin/sh\nexec <&-\necho '{"Username":"u","Secret":"s"}'\n`
})

// Windows can't run scripts as programs.
const check = process.platform === 'win32' ? test.skip : test

check('a helper is asked for a registry', async () => {
  expect(await askHelper('one', 'one.example', env)).toEqual({ Username: 'u', Secret: 's' })
})

check('a helper that has no login says so by its exit code', async () => {
  expect(await askHelper('one', 'two.example', env)).toBeUndefined()
})

check('the answer of a helper that does not read its input is used', async () => {
  expect(await askHelper('deaf', 'a'.repeat(1 << 20), env)).toEqual({ Username: 'u', Secret: 's' })
})

check('a missing helper is an error that names it', async () => {
  await expect(askHelper('gone', 'a.example', env)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining("docker-credential-gone can't be asked for a login"),
    hint: expect.stringContaining('a.example')
  })
})

check('a helper that hangs is an error that names it and the limit', async () => {
  await expect(askHelper('hangs', 'a.example', env, 200)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: "docker-credential-hangs can't be asked for a login: it gave no answer in 0.2 seconds",
    hint: expect.stringContaining('a.example')
  })
})

check('a helper that is killed is an error', async () => {
  await expect(askHelper('killed', 'a.example', env)).rejects.toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining('docker-credential-killed')
  })
})

check('the error does not contain the output of a helper', async () => {
  const failure: unknown = await askHelper('odd', 'a.example', env).catch((e: unknown) => e)
  expect(failure).toMatchObject({
    code: 'REGISTRY',
    message: expect.stringContaining('docker-credential-odd')
  })
  expect(JSON.stringify(failure)).not.toContain('my-password')
})

const auth = Buffer.from('old:login').toString('base64')
const CONFIG = {
  auths: { 'one.example': { auth }, 'two.example': { auth }, 'three.example': { auth } },
  credsStore: 'all',
  credHelpers: { 'one.example': 'one', 'two.example': 'one' }
}
const find = (config: unknown) =>
  dockerCredentials({
    DOCKER_CONFIG: repository({ 'config.json': JSON.stringify(config) }),
    ...env
  })

check('the login comes from the registry’s own helper', async () => {
  expect(await find(CONFIG)('one.example')).toEqual({ username: 'u', password: 's' })
})

check('the login is read from the file if the helper has none', async () => {
  expect(await find(CONFIG)('two.example')).toEqual({ username: 'old', password: 'login' })
})

check('the login comes from the store if the registry has no helper', async () => {
  expect(await find(CONFIG)('three.example')).toEqual({ identitytoken: 'three.example' })
})

check('the store is asked for Docker Hub by its old name', async () => {
  const name = 'https://index.docker.io/v1/'
  expect(await find(CONFIG)('docker.io')).toEqual({ identitytoken: name })
})

check('a login in the file is used if the helper is missing', async () => {
  const config = { credsStore: 'gone', auths: { 'a.example': { auth } } }
  expect(await find(config)('a.example')).toEqual({ username: 'old', password: 'login' })
})

check('a missing helper is an error if the file has no login', async () => {
  await expect(find({ credsStore: 'gone' })('b.example')).rejects.toMatchObject({
    code: 'REGISTRY'
  })
})
