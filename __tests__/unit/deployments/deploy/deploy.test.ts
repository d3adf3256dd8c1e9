import { getEventListeners } from 'node:events'
import { expect, test } from '@jest/globals'
import { deployDeployments, projectOf } from '../../../../src/deployments/deploy/deploy.js'
import {
  parseDeployments,
  type DeploymentsDocument
} from '../../../../src/deployments/deploy/deployments-file.js'
import { errorsOf, type FlowstoreError } from '../../../../src/errors.js'
import { send } from '../../../../src/http/send.js'
import { silentLog } from '../../../../src/log.js'
import { apiAddress } from '../../../../src/prefect-api/address.js'
import { PrefectApi } from '../../../../src/prefect-api/api.js'
import { documentOf, entry } from '../../../helpers/deploy-documents.js'
import { serveDeployments, type DeploymentsApi } from '../../../helpers/deployments-api.js'
import { when, type Asked } from '../../../helpers/registry-server.js'

const cron = (text: string) => ({ schedule: { cron: text, timezone: 'UTC' } })

async function deploy(
  server: DeploymentsApi,
  document: DeploymentsDocument,
  options: { dryRun?: boolean; prune?: boolean; project?: string; signal?: AbortSignal } = {},
  env: Record<string, string> = {}
) {
  const log = silentLog()
  const { api } = server.client()
  const result = await deployDeployments(document, { api, env, log, ...options })
  const states = result.deployments.map(({ flow, name, state }) => `${state} ${flow}/${name}`)
  return { result, states, notices: log.notices.map(({ message }) => message) }
}

/** As it is read from a file. */
const parsed = (document: unknown) => parseDeployments(JSON.stringify(document), 'deployments.json')

/** The errors of a deploy that must fail. */
const failure = async (run: Promise<unknown>): Promise<readonly FlowstoreError[]> =>
  errorsOf(
    await run.then(
      () => new Error('it did not fail'),
      (error: unknown) => error
    )
  )

/** The deployments of a server without their ids, by name. What is null is as if absent. */
const contentOf = ({ deployments }: DeploymentsApi) =>
  [...deployments.values()]
    .map(record =>
      Object.fromEntries(
        Object.entries(record).filter(
          ([field, value]) => !['id', 'created', 'updated'].includes(field) && value !== null
        )
      )
    )
    .sort((one, other) => String(one['name']).localeCompare(String(other['name'])))

test('the same deployments twice write nothing the second time', async () => {
  const server = await serveDeployments()
  const document = documentOf(entry('a', { schedules: [cron('0 5 * * *')] }), entry('b'))
  expect((await deploy(server, document)).states).toEqual(['created orders/a', 'created orders/b'])
  expect(server.writes()).toEqual([
    'POST /flows/ 201',
    'POST /deployments/ 201',
    'POST /deployments/ 201'
  ])
  server.log.length = 0
  expect((await deploy(server, document)).states).toEqual([
    'unchanged orders/a',
    'unchanged orders/b'
  ])
  expect(server.writes()).toEqual([])
})

test('a changed parameter updates its deployment alone, and says whose scheduled runs are made anew', async () => {
  const server = await serveDeployments()
  const [a, b] = [entry('a', { schedules: [cron('0 5 * * *')] }), entry('b')]
  await deploy(server, documentOf(a, b))
  server.log.length = 0
  const changed = entry('a', { ...a.body, parameters: { day: 'friday' } })
  const { result, states } = await deploy(server, documentOf(changed, b))
  expect(states).toEqual(['updated orders/a', 'unchanged orders/b'])
  expect(result.deployments[0]).toMatchObject({
    changes: [{ field: 'parameters.day', from: null, to: 'friday' }],
    scheduledRunsMadeAnew: true
  })
  expect(server.writes()).toEqual(['POST /deployments/ 200'])
})

test.each([
  ['the image', { job_variables: { image: 'ghcr.io/acme/flows:2' }, version: '2' }, '3.9.1', []],
  ['a parameter', { parameters: { day: 'friday' } }, '3.0.11', []],
  [
    'another job variable',
    { job_variables: { image: 'ghcr.io/acme/flows:1', env: { A: 'b' } } },
    '3.9.1',
    ['docker', 'fast']
  ],
  ['the queue', { work_queue_name: 'slow' }, '3.9.1', ['docker', 'slow']],
  ['the image', { job_variables: { image: 'other' } }, '2.20.27', ['docker', 'fast']]
])(
  'an update of %s (%j) with a server of %s names the work pool only for a check: %j',
  async (_, body, version, expected) => {
    const server = await serveDeployments({ version })
    const document = (changed: object) => ({
      ...documentOf(entry('a', { work_queue_name: 'fast', ...changed })),
      prefect: version
    })
    await deploy(server, document({}))
    await deploy(server, document(body))
    const written = server.asked.findLast(({ path }) => path === '/api/deployments/')
    const { work_pool_name, work_queue_name } = JSON.parse(String(written?.body)) as {
      work_pool_name?: string
      work_queue_name?: string
    }
    expect([work_pool_name, work_queue_name].filter(Boolean)).toEqual(expected)
    expect(contentOf(server)[0]).toMatchObject({ work_pool_name: 'docker' })
  }
)

test('a deploy that can be stopped adds one listener, whatever it writes', async () => {
  const server = await serveDeployments()
  const { signal } = new AbortController()
  await deploy(server, documentOf(entry('a'), entry('b'), entry('c')), { signal })
  expect(getEventListeners(signal, 'abort').length).toBe(1)
})

test('schedules that the file does not have stay on the server, and an empty list removes them', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a', { schedules: [cron('0 5 * * *')] })))
  await deploy(server, documentOf(entry('a', { version: '2' })))
  expect(contentOf(server)[0]).toMatchObject({ version: '2', schedules: [cron('0 5 * * *')] })
  await deploy(server, documentOf(entry('a', { version: '2', schedules: [] })))
  expect(contentOf(server)[0]).toMatchObject({ schedules: [] })
})

test('a write whose first answer is lost has still made its deployment', async () => {
  const server = await serveDeployments()
  const { api } = server.client()
  const { record } = await api.makeFlow('orders')
  let isLost = false
  const losing = new PrefectApi(apiAddress({ PREFECT_API_URL: server.url }), {
    sleep: () => Promise.resolve(),
    send: async (url, request) => {
      const answer = await send(url, request)
      if (isLost || request.method !== 'POST') return answer
      isLost = true
      throw Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' })
    }
  })
  await losing.server()
  const body = { flow_id: record.id, name: 'a' }
  expect(await losing.writeDeployment(body, 'orders/a')).toMatchObject({ isNew: true })
  expect(await api.writeDeployment(body, 'orders/a')).toMatchObject({ isNew: false })
})

test('a write that the server could not take at first has not made what another deploy made then', async () => {
  let isBusy = true
  const server = await serveDeployments({}, ({ method, path }) => {
    if (method !== 'POST' || path !== '/api/deployments/' || !isBusy) return undefined
    isBusy = false
    const [flow] = server.flows.keys()
    const record = { id: 'x', name: 'a', flow_id: flow, created: new Date().toISOString() }
    server.deployments.set('x', record)
    return { status: 503 }
  })
  const { api } = server.client()
  const { record } = await api.makeFlow('orders')
  const body = { flow_id: record.id, name: 'a' }
  expect(await api.writeDeployment(body, 'orders/a')).toMatchObject({ isNew: false })
})

test('deployments of one name belong to their flows', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a'), entry('a', {}, { flow: 'other' })))
  expect([...server.flows.values()].map(({ name }) => name)).toEqual(['orders', 'other'])
  expect(server.deployments.size).toBe(2)
})

test('a dry run writes nothing, and says what is new, changed and gone', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a'), entry('b'), entry('c')))
  server.log.length = 0
  const document = documentOf(entry('a', { tags: ['x'] }), entry('b'), entry('d'))
  const { result, states } = await deploy(server, document, { dryRun: true })
  expect(states).toEqual([
    'changed orders/a',
    'unchanged orders/b',
    'new orders/d',
    'gone orders/c'
  ])
  expect(result.deployments[0]?.changes).toEqual([{ field: 'tags', from: [], to: ['x'] }])
  expect(server.writes()).toEqual([])
})

test('a prune deletes what the project labelled and nothing else', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a'), entry('b')))
  await deploy(server, documentOf(entry('c')), { project: 'other' })
  server.deployments.set('d', { id: 'd', name: 'by-hand', flow_id: [...server.flows.keys()][0] })
  const { states } = await deploy(server, documentOf(entry('a')), { prune: true })
  expect(states).toEqual(['unchanged orders/a', 'deleted orders/b'])
  expect([...server.deployments.values()].map(({ name }) => name)).toEqual(['a', 'c', 'by-hand'])
})

test.each([true, false])(
  'a prune that would leave nothing is refused, with dryRun %s',
  async dryRun => {
    const server = await serveDeployments()
    await deploy(server, documentOf(entry('a')))
    const before = server.writes().length
    const none = { ...documentOf(entry('a')), deployments: [] }
    const [error] = await failure(deploy(server, none, { prune: true, dryRun }))
    expect(error).toMatchObject({
      code: 'DEPLOYMENT',
      message: expect.stringContaining('delete all')
    })
    expect(server.writes()).toHaveLength(before)
  }
)

test('a prune is refused where deployments have no labels, and nothing is written', async () => {
  const server = await serveDeployments({ version: '3.0.11' })
  const [error] = await failure(deploy(server, documentOf(entry('a')), { prune: true }))
  expect(error).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('3.0.11') })
  expect(server.writes()).toEqual([])
})

test.each([
  [{ image: 'ghcr.io/acme/flows:1', path: null }, 'ghcr.io/acme/flows'],
  [{ image: 'localhost:5000/flows@sha256:0', path: null }, 'localhost:5000/flows'],
  [{ image: null, path: '/srv/shop/.flowstore/sources' }, '/srv/shop/.flowstore/sources'],
  [
    { image: 'ghcr.io/acme/flows:1', path: '/opt/prefect/shop' },
    'ghcr.io/acme/flows:/opt/prefect/shop'
  ],
  [{}, 'flows']
])('the project of %j is %s', (document, project) => {
  expect(projectOf(document)).toBe(project)
})

test('a project that takes over a deployment says so', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a')), { project: 'one' })
  const { notices, states } = await deploy(server, documentOf(entry('a')), { project: 'two' })
  expect(notices).toEqual(['"orders/a" was deployed by the project "one" and now belongs to "two"'])
  expect(states).toEqual(['updated orders/a'])
})

test('all checks come before the first write, and all that is wrong is said with its line', async () => {
  const server = await serveDeployments()
  const errors = await failure(
    deploy(
      server,
      documentOf(
        entry('good'),
        entry('no-pool', { work_pool_name: 'nope' }),
        entry('none', { work_pool_name: null }),
        entry('wrong', { job_variables: { image: 1 } })
      )
    )
  )
  expect(errors.map(({ message }) => message)).toEqual([
    'the deployment "orders/no-pool": the server has no work pool "nope"',
    'the deployment "orders/none": it names no work pool',
    'the deployment "orders/wrong": the job variable "image" must be text, not an integer (work pool "docker", type docker)'
  ])
  expect(errors[0]).toMatchObject({
    code: 'DEPLOYMENT_CHECK',
    exitCode: 2,
    file: 'prefect.yaml',
    line: 3
  })
  expect(server.writes()).toEqual([])
})

test.each([
  ['dokcer', ['docker', 'other'], 'Did you mean "docker"?'],
  ['nope', ['docker', 'other'], 'The server has "docker", "other". Correct the name, or create it'],
  ['nope', [], 'The server has no work pools: create it']
])('the hint for the pool %p names those that the server has: %p', async (name, names, hint) => {
  const pools = Object.fromEntries(names.map(each => [each, { name: each, type: 'docker' }]))
  const server = await serveDeployments({ pools })
  const [error] = await failure(deploy(server, documentOf(entry('a', { work_pool_name: name }))))
  expect(error?.hint).toContain(hint)
})

test("flows that are in no image can have no runs in containers of Prefect's own image", async () => {
  const server = await serveDeployments()
  const local = (document: DeploymentsDocument) => ({ ...document, image: null, path: '/srv/shop' })
  const [error] = await failure(
    deploy(server, local(documentOf(entry('a', { job_variables: {} }))))
  )
  expect(error).toMatchObject({
    code: 'DEPLOYMENT_CHECK',
    message: expect.stringContaining('the deployment "orders/a": it has no image'),
    line: 3
  })
  expect(server.writes()).toEqual([])
  const { states, notices } = await deploy(server, local(documentOf(entry('a'))))
  expect(states).toEqual(['created orders/a'])
  expect(notices).toEqual([expect.stringContaining('are in the folder /srv/shop and in no image')])
})

test.each(['a/b', 'a%', '<a>', 'a&b', ' '])('the name %p is refused', async name => {
  const server = await serveDeployments()
  const [error] = await failure(deploy(server, documentOf(entry(name))))
  expect(error).toMatchObject({
    code: 'DEPLOYMENT_CHECK',
    message: expect.stringContaining('the name of the deployment')
  })
})

test.each([
  ['3.9.1', '2.20.27', 'the flows need Prefect 3.9.1, but the server is 2.20.27'],
  ['2.20.27', '2.10.0', 'deploying needs 2.13 or newer']
])('flows of %s on a server of %s are refused', async (prefect, version, words) => {
  const server = await serveDeployments({ version })
  const [error] = await failure(deploy(server, { ...documentOf(entry('a')), prefect }))
  expect(error).toMatchObject({ code: 'DEPLOYMENT_CHECK', message: expect.stringContaining(words) })
})

test('a field that an old server does not have is left out and said', async () => {
  const server = await serveDeployments({ version: '2.20.27' })
  const { notices } = await deploy(server, {
    ...documentOf(entry('a', { concurrency_limit: 2 })),
    prefect: '2.20.27'
  })
  expect(notices).toEqual([
    'the server is Prefect 2.20.27, which has no concurrency_limit: it is left out of 1 deployment'
  ])
  expect(contentOf(server)[0]).not.toHaveProperty('concurrency_limit')
  expect(contentOf(server)[0]).not.toHaveProperty('labels')
})

const half = () =>
  documentOf(
    entry('changed', { tags: ['new'], schedules: [] }),
    entry('created', {}, { flow: 'fresh' }),
    entry('bad', { version: 'bad' })
  )

const isBad = ({ method, body }: Asked) => method === 'POST' && body.includes('"version":"bad"')

test.each([
  ['is refused', { status: 422, body: '{"detail":"no"}' }, '(422): no'],
  ['fails', { status: 500, body: '' }, '(500)'],
  ['is not answered', 'reset' as const, 'no answer']
])('when a write %s, all before it are put back', async (_, answer, words) => {
  const server = await serveDeployments({}, asked => (isBad(asked) ? answer : undefined))
  const schedules = [cron('0 5 * * *')]
  await deploy(server, documentOf(entry('changed', { schedules }), entry('untouched')))
  const before = contentOf(server)
  const [error] = await failure(deploy(server, half()))
  expect(error).toMatchObject({ code: 'PREFECT_API', message: expect.stringContaining(words) })
  expect(error?.message).toContain('"orders/bad" can\'t be deployed')
  expect(error?.detail?.split('\n')).toEqual([
    'deleted again: fresh/created',
    'deleted again: the flow fresh',
    'put back as it was: orders/changed',
    'The server has the deployments that it had before.',
    'scheduled runs made anew: orders/changed'
  ])
  expect(contentOf(server)).toEqual(before)
  expect([...server.flows.values()].map(({ name }) => name)).toEqual(['orders'])
})

/** Twelve deployments: more than are compared at once. */
const dozen = (body: (number: number) => object) =>
  Array.from({ length: 12 }, (_, index) => entry(`d${index + 1}`, body(index + 1)))

/** A server with a dozen deployments, one of which somebody else writes while version 2 of `d1` is written. */
async function shared(other: string, change: object | null) {
  const server = await serveDeployments({}, ({ path, body }) => {
    if (path !== '/api/deployments/') return undefined
    if (body.includes('"version":"bad"')) return { status: 500 }
    if (!body.includes('"name":"d1"') || !body.includes('"version":"2"')) return undefined
    for (const [id, record] of server.deployments) {
      if (record['name'] !== other) continue
      if (change === null) server.deployments.delete(id)
      else server.deployments.set(id, { ...record, ...change, updated: '2100-01-01T00:00:00Z' })
    }
    return undefined
  })
  await deploy(server, documentOf(...dozen(() => ({}))))
  return { server, named: (name: string) => contentOf(server).find(each => each['name'] === name) }
}

const changedBy = (name: string) =>
  `somebody else has changed "orders/${name}" in the meantime, such as another deploy; `

test('what somebody else wrote after the comparison stays where the file says nothing', async () => {
  const { server, named } = await shared('d12', { description: 'theirs', tags: ['theirs'] })
  const { states, notices } = await deploy(server, documentOf(...dozen(() => ({ version: '2' }))))
  expect(new Set(states.map(state => state.split(' ')[0]))).toEqual(new Set(['updated']))
  expect(notices).toEqual([`${changedBy('d12')}it is now as this one has it`])
  expect(named('d12')).toMatchObject({ version: '2', description: 'theirs', tags: [] })
})

test('what somebody else wrote alike after the comparison is written again, so that it stays', async () => {
  const { server } = await shared('d12', { version: '2' })
  server.log.length = 0
  const { states } = await deploy(server, documentOf(...dozen(() => ({ version: '2' }))))
  expect(states.at(-1)).toBe('updated orders/d12')
  expect(server.writes()).toHaveLength(12)
})

test('what somebody else wrote after the comparison is put back after a failure', async () => {
  const { server, named } = await shared('d11', { tags: ['theirs'] })
  const second = dozen(number => ({ version: number === 12 ? 'bad' : '2' }))
  const [error] = await failure(deploy(server, documentOf(...second)))
  expect(error?.detail).toMatch(/^put back as it was: orders\/d11\n/)
  expect(named('d11')).toMatchObject({ version: '1', tags: ['theirs'] })
})

test('an unchanged deployment that somebody else deletes during the deploy is made again', async () => {
  const { server, named } = await shared('d2', null)
  const second = dozen(number => ({ version: number === 1 ? '2' : '1' }))
  const { states, notices } = await deploy(server, documentOf(...second))
  expect(states.slice(0, 3)).toEqual([
    'updated orders/d1',
    'created orders/d2',
    'unchanged orders/d3'
  ])
  expect(notices).toEqual([
    'somebody else has deleted "orders/d2" in the meantime, such as another deploy; it is now as this one has it'
  ])
  expect(named('d2')).toMatchObject({ version: '1' })
})

test('an unchanged deployment that somebody else changes during the deploy is told', async () => {
  const { server, named } = await shared('d2', { version: 'theirs' })
  const second = dozen(number => ({ version: number === 1 ? '2' : '1' }))
  const { notices } = await deploy(server, documentOf(...second))
  expect(notices).toEqual([`${changedBy('d2')}it is not as this one has it`])
  expect(named('d2')).toMatchObject({ version: 'theirs' })
})

test('a write whose answer is lost is undone too', async () => {
  const server = await serveDeployments({}, asked => {
    if (asked.method !== 'POST' || asked.path !== '/api/deployments/') return undefined
    server.deployments.set('x', { ...(JSON.parse(asked.body.toString()) as object), id: 'x' })
    return { status: 500 }
  })
  const [error] = await failure(deploy(server, documentOf(entry('a'))))
  expect(error?.detail).toContain('deleted again: orders/a')
  expect(server.deployments.size).toBe(0)
})

test('what can not be put back is said', async () => {
  const server = await serveDeployments(
    {},
    when('DELETE /api/deployments/', { status: 403, body: '{"detail":"not you"}' }),
    asked => (isBad(asked) ? { status: 422, body: '{"detail":"no"}' } : undefined)
  )
  const [error] = await failure(deploy(server, half()))
  expect(error?.detail).toMatch(/NOT put back: fresh\/created: .*403.*not you/)
  expect(error?.hint).toContain('could not be put back')
})

test('a failure of the first write says that nothing was changed', async () => {
  const server = await serveDeployments({}, asked =>
    asked.method === 'POST' && asked.path === '/api/flows/'
      ? { status: 403, body: '{"detail":"no"}' }
      : undefined
  )
  const [error] = await failure(deploy(server, documentOf(entry('a'))))
  expect(error?.detail).toBe('Nothing was changed on the server.')
})

test('a job that is cancelled stops between two writes and puts back', async () => {
  const abort = new AbortController()
  const server = await serveDeployments({}, asked => {
    if (asked.path === '/api/deployments/') abort.abort()
    return undefined
  })
  const [error] = await failure(
    deploy(server, documentOf(entry('a'), entry('b')), { signal: abort.signal })
  )
  expect(error).toMatchObject({
    code: 'INTERRUPTED',
    message: expect.stringContaining('the deploy was interrupted')
  })
  expect(error?.detail).toContain('deleted again: orders/a')
  expect(server.deployments.size).toBe(0)
})

const trigger = {
  enabled: true,
  expect: ['prefect.flow-run.Completed'],
  parameters: { day: '{{ event.name }}' }
}

test('triggers become automations of their deployment, once', async () => {
  const server = await serveDeployments()
  const document = documentOf(
    entry('a', {}, { triggers: [trigger, { ...trigger, name: 'mine', posture: 'Proactive' }] })
  )
  await deploy(server, document)
  const [id] = server.deployments.keys()
  expect([...server.automations.values()]).toMatchObject([
    {
      name: 'a__automation_1',
      trigger: { type: 'event', posture: 'Reactive', within: 0, threshold: 1 },
      actions: [
        {
          type: 'run-deployment',
          source: 'selected',
          deployment_id: id,
          parameters: { day: '{{ event.name }}' }
        }
      ]
    },
    { name: 'mine', trigger: { posture: 'Proactive', within: 10 } }
  ])
  server.log.length = 0
  expect((await deploy(server, document)).states).toEqual(['unchanged orders/a'])
  expect(server.writes()).toEqual([])
})

test('a trigger that is gone from the file is deleted, an automation of the UI is not', async () => {
  const server = await serveDeployments()
  await deploy(server, documentOf(entry('a', {}, { triggers: [trigger] })))
  const [id] = server.deployments.keys()
  const ui = {
    id: 'ui',
    name: 'by hand',
    trigger: {},
    actions: [{ type: 'run-deployment', deployment_id: id }]
  }
  server.automations.set('ui', ui)
  const { result, states } = await deploy(server, documentOf(entry('a')))
  expect(states).toEqual(['updated orders/a'])
  expect(result.deployments[0]).toMatchObject({
    changes: [{ field: 'triggers' }],
    scheduledRunsMadeAnew: false
  })
  expect([...server.automations.values()]).toEqual([ui])
  expect((await deploy(server, documentOf(entry('a')))).states).toEqual(['unchanged orders/a'])
})

test('the triggers of a deployment are put back too', async () => {
  const server = await serveDeployments({}, asked =>
    asked.body.includes('"version":"bad"') ? { status: 422, body: '{"detail":"no"}' } : undefined
  )
  await deploy(server, documentOf(entry('a', {}, { triggers: [trigger] })))
  const names = () => [...server.automations.values()].map(({ name }) => name)
  const [error] = await failure(
    deploy(
      server,
      documentOf(
        entry('a', {}, { triggers: [{ ...trigger, name: 'new' }] }),
        entry('b', { version: 'bad' })
      )
    )
  )
  expect(error?.detail).toContain('put back as they were: the triggers of orders/a')
  expect(names()).toEqual(['a__automation_1'])
})

test('a server without automations says that triggers are not made', async () => {
  const server = await serveDeployments(
    {},
    when('POST /api/automations', { status: 404, body: '{"detail":"Not Found"}' })
  )
  const { notices, states } = await deploy(
    server,
    documentOf(entry('a', {}, { triggers: [trigger], sla: [{}] }))
  )
  expect(states).toEqual(['created orders/a'])
  expect(notices).toEqual([
    'the server has no automations, so the triggers of 1 deployment are not made',
    'only Prefect Cloud has service level agreements (sla): those of 1 deployment are not made'
  ])
})

test('a prune leaves the deployments of other projects and of other files alone', async () => {
  const server = await serveDeployments()
  const inFile = (name: string, file: string | null) => entry(name, {}, { file })
  const kept = inFile('kept', 'staging.yaml')
  const ofStaging = (...entries: (typeof kept)[]) => ({
    ...documentOf(...entries),
    files: ['staging.yaml']
  })
  const staging = ofStaging(kept, inFile('staging', 'staging.yaml'))
  const prod = { ...documentOf(inFile('prod', 'prod.yaml')), files: ['prod.yaml'] }
  const made = documentOf(inFile('made', null))
  const other = { ...documentOf(inFile('other', 'staging.yaml')), path: '/opt/prefect/other' }
  for (const each of [staging, prod, made, other]) await deploy(server, each)
  const { states } = await deploy(server, ofStaging(kept), { prune: true })
  expect(states).toEqual(['unchanged orders/kept', 'deleted orders/staging'])
  expect(contentOf(server).map(({ name }) => name)).toEqual(['kept', 'made', 'other', 'prod'])
})

test('templates may stand for a list, a boolean and texts, and what they give is checked before a write', async () => {
  const server = await serveDeployments({ variables: { tags: ['a', 'b'] } })
  const schema = { properties: { limit: { type: 'integer' }, day: { type: 'string' } } }
  const templated = {
    tags: '{{ prefect.variables.tags }}',
    paused: '{{ $PAUSED }}',
    schedules: [{ schedule: { cron: '{{ $CRON }}', timezone: '{{ $ZONE }}' } }],
    parameters: { limit: '{{ $LIMIT }}' },
    parameter_openapi_schema: schema,
    enforce_parameter_schema: true
  }
  const good = { PAUSED: 'yes', CRON: '0 5 * * *', ZONE: 'UTC', LIMIT: '3' }
  const loose = parsed(documentOf(entry('a', { ...templated, enforce_parameter_schema: false })))
  await deploy(server, loose, {}, good)
  expect(contentOf(server)[0]).toMatchObject({ tags: ['a', 'b'], paused: true })
  const before = [...server.log]
  server.log.length = 0
  const bad = { PAUSED: 'maybe', CRON: '99 5 * * *', ZONE: 'Nowhere/Y', LIMIT: 'three' }
  const errors = await failure(deploy(server, parsed(documentOf(entry('a', templated))), {}, bad))
  expect(before).not.toEqual([])
  expect(
    errors.map(({ code, message, line }) => [code, message.replace(/^.*?: /, ''), line])
  ).toEqual([
    ['DEPLOYMENT_CHECK', 'paused must be true or false', 3],
    ['DEPLOYMENT_CHECK', 'parameters.limit must be an integer, not text', 3],
    ['DEPLOYMENT_CHECK', expect.stringContaining(`schedules.0.cron "99 5 * * *" has '99'`), 3],
    ['DEPLOYMENT_CHECK', expect.stringContaining('schedules.0.timezone "Nowhere/Y" is no'), 3]
  ])
  expect(server.writes()).toEqual([])
})

test('two schedules of one slug are told before a write', async () => {
  const server = await serveDeployments()
  const schedules = [60, 90].map(interval => ({ schedule: { interval }, slug: 'a' }))
  const errors = await failure(deploy(server, documentOf(entry('a', { schedules }))))
  expect(errors).toMatchObject([{ message: expect.stringContaining('have the slug "a"') }])
  expect(server.writes()).toEqual([])
})

test('names that are equal once their templates are filled are told before a write', async () => {
  const server = await serveDeployments()
  const document = documentOf(entry('{{ $A }}'), entry('{{ $B }}'))
  const errors = await failure(deploy(server, document, {}, { A: 'x', B: 'x' }))
  expect(errors).toMatchObject([
    { message: expect.stringContaining('two deployments are "orders/x"'), line: 3 }
  ])
  expect(server.writes()).toEqual([])
})

test('a failure while triggers are replaced puts the old ones back', async () => {
  const server = await serveDeployments({}, when(/^DELETE .*owned-by/, { status: 500 }, 1))
  const withTrigger = (name: string) =>
    documentOf({ ...entry('a'), triggers: [{ expect: [name] }] })
  await deploy(server, withTrigger('one'))
  const [error] = await failure(deploy(server, withTrigger('two')))
  expect(error?.detail).toContain('Nothing was changed on the server.')
  expect([...server.automations.values()]).toMatchObject([{ trigger: { expect: ['one'] } }])
})
