import { expect, test } from '@jest/globals'
import { rawOptions } from '../../../src/options/build-storage-options.js'

test('options become the texts that the Action reads', () => {
  expect(
    rawOptions({
      flows: ['flows', 'jobs/*.py'],
      storage: 'local',
      push: false,
      registryUrl: undefined,
      envVars: { TEAM: 'data', URL: 'a=b' },
      files: { sql: '/srv/sql' },
      buildKwargs: { labels: { team: 'data' } },
      tags: 'latest\nmain'
    })
  ).toEqual({
    flows: 'flows\njobs/*.py',
    storage: 'local',
    push: 'false',
    'registry-url': undefined,
    'env-vars': 'TEAM=data\nURL=a=b',
    files: 'sql:/srv/sql',
    'build-kwargs': '{"labels":{"team":"data"}}',
    tags: 'latest\nmain'
  })
})

test('a value of several lines in a list or a record is refused, so that it does not become two', () => {
  expect(() => rawOptions({ flows: ['a.py\nb.py'] })).toThrow("the option 'flows' has a value")
  expect(() => rawOptions({ flows: ['a.py'], envVars: { A: '1\nB=2' } })).toThrow(
    "the option 'env-vars' has a value"
  )
})

test('an option that does not exist is refused', () => {
  const options = { flows: ['a.py'], registryURL: 'ghcr.io/acme' }
  expect(() => rawOptions(options)).toThrow("there is no option 'registryURL'")
})
