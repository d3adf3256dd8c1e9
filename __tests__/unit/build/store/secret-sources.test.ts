import { expect, test } from '@jest/globals'
import { secretSources } from '../../../../src/build/store/secret-sources.js'
import { listSources } from '../../../../src/sources/listing.js'
import { repository } from '../../../helpers/flowstore.js'

const PRIVATE = '-----BEGIN RSA PRIVATE KEY-----\nMII\n'
const PUBLIC = '-----BEGIN CERTIFICATE-----\nMII\n'
const LOGIN = '{"type": "service_account", "private_key": "x"}'

const told = async (files: Readonly<Record<string, string>>, lines: readonly string[] = []) =>
  secretSources(await listSources(repository(files)), lines)

test.each([
  ['.env', 'A=1'],
  ['deep/.env.production', 'A=1'],
  ['.netrc', ''],
  ['store.p12', ''],
  ['id_ed25519', PRIVATE.replace('RSA', 'OPENSSH')],
  ['certs/server.KEY', PRIVATE],
  ['config/google-credentials.json', LOGIN]
])('%s is told to be in the image', async (path, content) => {
  expect(await told({ [path]: content })).toEqual({
    level: 'warning',
    message: expect.stringContaining(
      `a key or a login: ${path}. Leave it out with the line '!${path}'`
    ),
    file: path
  })
})

test.each([
  ['.env.example', 'A='],
  ['certs/ca.pem', PUBLIC],
  ['id_rsa', 'of a row'],
  ['credentials_schema.json', '{"type": "object"}'],
  ['environment.py', '']
])('%s is nothing to tell', async (path, content) => {
  expect(await told({ [path]: content })).toBeUndefined()
})

test('what the option sources names is wanted, and a folder names no file in it', async () => {
  const files = { 'certs/server.pem': PRIVATE }
  expect(await told(files, ['certs/server.pem'])).toBeUndefined()
  expect(await told(files, ['certs'])).toMatchObject({ level: 'warning' })
})

test('a notice names some, and counts the others', async () => {
  const files = Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(name => [`${name}.jks`, ''])
  )
  expect((await told(files))?.message).toContain('a.jks, b.jks, c.jks, d.jks, e.jks and 2 more.')
})
