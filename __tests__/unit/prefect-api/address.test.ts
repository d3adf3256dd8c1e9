import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiAddress } from '../../../src/prefect-api/address.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const CLOUD = 'https://api.prefect.cloud/api/accounts/a/workspaces/w'

test.each([
  [{ PREFECT_API_URL: ' http://127.0.0.1:4200/api/ ' }, 'http://127.0.0.1:4200/api', undefined],
  [{ PREFECT_API_URL: CLOUD, PREFECT_API_KEY: 'pnu_123456' }, CLOUD, 'Bearer pnu_123456'],
  [
    { PREFECT_API_URL: 'http://p/api', PREFECT_API_AUTH_STRING: 'me:pass' },
    'http://p/api',
    'Basic bWU6cGFzcw=='
  ],
  [{ PREFECT_API_URL: 'http://me:p%40ss@p/api' }, 'http://p/api', 'Basic bWU6cEBzcw==']
])('%j', (env, url, authorization) => {
  expect(apiAddress(env)).toMatchObject({ url, authorization, isCloud: url === CLOUD })
})

test.each([
  [undefined, 'MISSING_OPTION', 'PREFECT_API_URL is not set'],
  ['  ', 'MISSING_OPTION', 'PREFECT_API_URL is empty'],
  ['127.0.0.1:4200', 'INVALID_OPTION', 'is no http address'],
  ['https://app.prefect.cloud/account/x', 'INVALID_OPTION', 'names no workspace'],
  ['https://api.prefect.cloud/api', 'INVALID_OPTION', 'names no workspace']
])('the address %p is refused', (url, code, words) => {
  let error: unknown
  try {
    apiAddress({ PREFECT_API_URL: url })
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(words),
    hint: expect.any(String)
  })
})

test('the login is a secret in all its forms', () => {
  const { secrets } = apiAddress({
    PREFECT_API_URL: 'http://p/api',
    PREFECT_API_AUTH_STRING: 'me:pass'
  })
  expect(secrets).toEqual(['me:pass', 'bWU6cGFzcw=='])
})

const URL_OF_SERVER = { PREFECT_API_URL: 'https://p/api' }

test('the variables of a connection are those of the client of Prefect', () => {
  const file = join(temporaryFolder(), 'ca.pem')
  writeFileSync(file, 'PEM')
  const read = (env: NodeJS.ProcessEnv) => apiAddress({ ...URL_OF_SERVER, ...env })
  expect(read({})).toMatchObject({ headers: {}, trust: undefined, timeout: 60_000 })
  expect(read({ PREFECT_API_REQUEST_TIMEOUT: '5' }).timeout).toBe(5_000)
  expect(read({ PREFECT_API_SSL_CERT_FILE: file }).trust).toEqual({
    isChecked: true,
    authorities: 'PEM'
  })
  expect(read({ SSL_CERT_FILE: file }).trust).toMatchObject({ authorities: 'PEM' })
  expect(read({ PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'true' }).trust).toEqual({ isChecked: false })
  expect(read({ PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'false' }).trust).toBeUndefined()
  const headers = '{"X-A":"b","User-Agent":"x","Prefect-Csrf-Token":"y","Authorization":"Basic z"}'
  expect(read({ PREFECT_CLIENT_CUSTOM_HEADERS: headers, PREFECT_API_KEY: 'k' })).toMatchObject({
    headers: { 'x-a': 'b', authorization: 'Basic z' },
    authorization: 'Basic z'
  })
})

test.each([
  [{ PREFECT_CLIENT_CUSTOM_HEADERS: '{oops' }, 'PREFECT_CLIENT_CUSTOM_HEADERS is no JSON object'],
  [{ PREFECT_CLIENT_CUSTOM_HEADERS: '{"a":1}' }, 'PREFECT_CLIENT_CUSTOM_HEADERS is no JSON object'],
  [{ PREFECT_CLIENT_CUSTOM_HEADERS: '{"a":"b\\r\\nc: d"}' }, 'is no JSON object'],
  [{ PREFECT_API_SSL_CERT_FILE: 'nope.pem' }, 'names nope.pem, which does not exist'],
  [{ SSL_CERT_FILE: '/' }, 'SSL_CERT_FILE names /, which is a folder, not a file'],
  [{ PREFECT_API_REQUEST_TIMEOUT: 'soon' }, 'PREFECT_API_REQUEST_TIMEOUT is no number']
])('%j is refused', (env, words) => {
  expect(() => apiAddress({ ...URL_OF_SERVER, ...env })).toThrow(words)
})

test('another address of the cloud is that of PREFECT_CLOUD_API_URL', () => {
  const cloud = { PREFECT_CLOUD_API_URL: 'https://api.stage.example/api' }
  const url = 'https://api.stage.example/api/accounts/a/workspaces/w'
  expect(apiAddress({ ...cloud, PREFECT_API_URL: url }).isCloud).toBe(true)
  expect(apiAddress({ PREFECT_API_URL: url }).isCloud).toBe(false)
})
