import { expect, test } from '@jest/globals'
import { networkOfRun } from '../../../src/python/host-api.js'

const api = (url: string) => ({ PREFECT_API_URL: url })

test.each(['http://127.0.0.1:4200/api', 'http://localhost:4200/api', 'http://[::1]:4200/api'])(
  'on Linux, a run with the API %s uses the network of the machine',
  url => {
    expect(networkOfRun(api(url), 'linux')).toEqual({ network: 'host', env: api(url) })
  }
)

test('elsewhere, it gets the name that Docker Desktop has for the machine', () => {
  expect(networkOfRun({ A: 'b', ...api('http://localhost:4200/api') }, 'darwin')).toEqual({
    network: 'default',
    env: { A: 'b', ...api('http://host.docker.internal:4200/api') }
  })
})

test.each([{}, api('https://api.prefect.cloud/api/accounts/1/workspaces/2'), api('no address')])(
  'any other run uses the default network: %j',
  env => {
    expect(networkOfRun(env, 'linux')).toEqual({ network: 'default', env })
  }
)
