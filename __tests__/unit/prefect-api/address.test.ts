import { expect, test } from '@jest/globals'
import { apiAddress } from '../../../src/prefect-api/address.js'

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
