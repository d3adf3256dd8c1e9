import { expect, test } from '@jest/globals'
import { deployDeployments } from '../../../../src/deployments/deploy/deploy.js'
import { errorsOf } from '../../../../src/errors.js'
import { silentLog } from '../../../../src/log.js'
import { documentOf, entry } from '../../../helpers/deploy-documents.js'
import { serveDeployments } from '../../../helpers/deployments-api.js'

const CONTENT = {
  variables: { limit: 7, flags: { on: true } },
  blocks: {
    'secret/token': { value: 's3cr3t-token' },
    'aws/main': { region: 'eu', keys: [{ id: 'a-key-id' }], value: 'kept' }
  }
}

async function deployed(body: object, env: Record<string, string> = {}, prefect = '3.9.1') {
  const server = await serveDeployments({ ...CONTENT, version: prefect })
  const { api } = server.client()
  const log = silentLog()
  await deployDeployments({ ...documentOf(entry('a', body)), prefect }, { api, env, log })
  return [...server.deployments.values()][0]
}

test.each([
  ['{{ $STAGE }}-x', 'prod-x'],
  ['{{ prefect.variables.limit }}', 7],
  ['at {{prefect.variables.limit}}', 'at 7'],
  ['{{ prefect.variables.flags }}', { on: true }],
  ['{{ prefect.blocks.secret.token }}', 's3cr3t-token'],
  ['{{ prefect.blocks.secret.token.value }}', 's3cr3t-token'],
  ['{{ prefect.blocks.aws.main.keys[0].id }}/{{ $STAGE }}', 'a-key-id/prod'],
  ['{{ prefect.blocks.aws.main }}', CONTENT.blocks['aws/main']],
  ['{{ ctx.flow_run.name }}', '{{ ctx.flow_run.name }}'],
  ['{{ other }} {{ $STAGE }}', '{{ other }} prod'],
  ['{{ $NESTED }}', '{{ $STAGE }}']
])('%s is %j', async (text, value) => {
  const env = { STAGE: 'prod', NESTED: '{{ $STAGE }}' }
  expect(await deployed({ parameters: { text } }, env)).toMatchObject({
    parameters: { text: value }
  })
})

test.each([
  ['{{ $NOPE }}', 'the variable NOPE is not in the environment'],
  ['{{ prefect.variables.nope }}', "the server has no variable 'nope'"],
  ['{{ prefect.blocks.secret.nope }}', "the server has no block 'nope' of the type 'secret'"],
  ['{{ prefect.blocks.aws.main.nope }}', "the block 'main' of the type 'aws' has no 'nope'"],
  ['x {{ prefect.variables.flags }}', 'has no place inside other text'],
  ['{{ prefect.blocks.secret }}', 'it is not prefect.blocks.TYPE.NAME']
])('%s has no value, which is an error with its field', async (text, why) => {
  const error = await deployed({ parameters: { list: [text] } }).catch((thrown: unknown) => thrown)
  expect(errorsOf(error)).toMatchObject([
    {
      code: 'DEPLOYMENT_CHECK',
      message: expect.stringContaining(`parameters.list.0 has the template`),
      line: 3
    }
  ])
  expect(errorsOf(error)[0]?.message).toContain(why)
})

test('names, pools, tags and schedules may have templates', async () => {
  const schedules = [{ schedule: { cron: '{{ $CRON }}' }, active: '{{ $ACTIVE }}' }]
  const body = {
    name: '{{ $STAGE }}',
    work_pool_name: '{{ $POOL }}',
    tags: ['{{ $STAGE }}'],
    schedules
  }
  const env = { STAGE: 'prod', POOL: 'docker', CRON: '0 5 * * *', ACTIVE: 'false' }
  expect(await deployed(body, env)).toMatchObject({
    name: 'prod',
    work_pool_name: 'docker',
    tags: ['prod'],
    schedules: [{ schedule: { cron: '0 5 * * *' }, active: false }]
  })
})

test('pull steps keep blocks for the worker, and 2.x also those of job variables', async () => {
  const text = '{{ prefect.blocks.secret.token }} {{ $STAGE }}'
  const body = { pull_steps: [{ step: { text } }], job_variables: { image: 'i', env: { A: text } } }
  const left = '{{ prefect.blocks.secret.token }} prod'
  expect(await deployed(body, { STAGE: 'prod' })).toMatchObject({
    pull_steps: [{ step: { text: left } }],
    job_variables: { env: { A: 's3cr3t-token prod' } }
  })
  expect(await deployed(body, { STAGE: 'prod' }, '2.20.27')).toMatchObject({
    pull_steps: [{ step: { text: left } }],
    job_variables: { env: { A: left } }
  })
})

test('a value of a block or of the environment is in no message and in no difference', async () => {
  const refused = (value: string) =>
    serveDeployments(CONTENT, asked =>
      asked.path === '/api/deployments/'
        ? { status: 422, body: JSON.stringify({ detail: `bad ${value}` }) }
        : undefined
    )
  const server = await refused('s3cr3t-token and dsn://user:pass')
  const body = { parameters: { a: '{{ prefect.blocks.secret.token }}', b: '{{ $DSN }}' } }
  const request = { api: server.client().api, env: { DSN: 'dsn://user:pass' }, log: silentLog() }
  const error = await deployDeployments(documentOf(entry('a', body)), request).catch(
    (e: unknown) => e
  )
  expect((error as Error).message).toContain('bad *** and ***')

  const other = await serveDeployments(CONTENT)
  const again = { api: other.client().api, env: { DSN: 'dsn://user:pass' }, log: silentLog() }
  await deployDeployments(documentOf(entry('a')), again)
  const result = await deployDeployments(documentOf(entry('a', body)), { ...again, dryRun: true })
  expect(JSON.stringify(result)).not.toMatch(/s3cr3t|dsn:/)
  expect(result.deployments[0]?.changes.map(({ field }) => field)).toEqual([
    'parameters.a',
    'parameters.b'
  ])
})
