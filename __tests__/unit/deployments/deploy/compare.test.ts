import { expect, test } from '@jest/globals'
import { compare } from '../../../../src/deployments/deploy/compare.js'
import { SecretPaths } from '../../../../src/deployments/deploy/secret-paths.js'

const changes = (current: object, wanted: object, secrets = new SecretPaths()) =>
  compare({ name: 'a', ...current }, { name: 'a', ...wanted }, secrets).changes

test('a field that the file does not have stays, and is written as the server has it', () => {
  const { changes, body } = compare(
    { name: 'a', tags: ['x'], description: 'old' },
    { name: 'a', description: 'new' },
    new SecretPaths()
  )
  expect(changes).toEqual([{ field: 'description', from: 'old', to: 'new' }])
  expect(body).toEqual({ name: 'a', tags: ['x'], description: 'new' })
})

test.each([
  ['null and absent', {}, { description: null }],
  ['no pull steps', { pull_steps: null }, { pull_steps: [] }],
  [
    'parts of a schema that say nothing',
    { parameter_openapi_schema: { type: 'object', definitions: {} } },
    { parameter_openapi_schema: { type: 'object', required: [] } }
  ],
  ['labels of the flow', { labels: { team: 'x', own: 1 } }, { labels: { own: 1 } }],
  [
    'defaults of options',
    { concurrency_options: { collision_strategy: 'ENQUEUE', grace_period_seconds: 5 } },
    { concurrency_options: { collision_strategy: 'ENQUEUE' } }
  ],
  [
    'the default queue',
    { work_pool_name: 'p', work_queue_name: 'default' },
    { work_pool_name: 'p', work_queue_name: null }
  ]
])('%s is no difference', (_, current, wanted) => {
  expect(changes(current, wanted)).toEqual([])
})

test('a parameter that is null is another than one that is absent', () => {
  expect(changes({ parameters: {} }, { parameters: { day: null } })).toEqual([
    { field: 'parameters.day', from: null, to: null }
  ])
})

test('a difference is shown where it is', () => {
  expect(
    changes(
      { job_variables: { image: 'i:1', volumes: ['a'] }, tags: ['x'] },
      { job_variables: { image: 'i:2', volumes: ['a', 'b'] }, tags: [] }
    )
  ).toEqual([
    { field: 'job_variables.image', from: 'i:1', to: 'i:2' },
    { field: 'job_variables.volumes', from: ['a'], to: ['a', 'b'] },
    { field: 'tags', from: ['x'], to: [] }
  ])
})

test('a value that may be a secret is not shown, neither the old nor the new one', () => {
  const secrets = new SecretPaths()
  secrets.add(['parameters', 'dsn'])
  const found = changes(
    {
      parameters: { dsn: 'old-secret' },
      job_variables: { env: { A: 'old-secret' }, registry_credentials: { password: 'old-secret' } },
      pull_steps: [
        { git_clone: { repository: 'https://me:old-secret@host/x', access_token: 'old-secret' } }
      ]
    },
    {
      parameters: { dsn: 'new-secret' },
      job_variables: { env: { A: 'new-secret' }, registry_credentials: { password: 'new-secret' } },
      pull_steps: [
        { git_clone: { repository: 'https://me:new-secret@host/y', access_token: 'new-secret' } }
      ]
    },
    secrets
  )
  expect(found.map(({ field }) => field)).toEqual([
    'parameters.dsn',
    'job_variables.env.A',
    'job_variables.registry_credentials.password',
    'pull_steps.0.git_clone.repository',
    'pull_steps.0.git_clone.access_token'
  ])
  expect(JSON.stringify(found)).not.toContain('secret')
})

test('a whole object that is new or gone shows no secret in it', () => {
  const found = changes({ job_variables: {} }, { job_variables: { env: { KEY: 'new-secret' } } })
  expect(found).toEqual([{ field: 'job_variables.env.KEY', from: null, to: '***' }])
})

test('another pool has its own default queue', () => {
  const { body } = compare(
    { name: 'a', work_pool_name: 'p', work_queue_name: 'fast' },
    { name: 'a', work_pool_name: 'q' },
    new SecretPaths()
  )
  expect(body).toEqual({ name: 'a', work_pool_name: 'q' })
})
