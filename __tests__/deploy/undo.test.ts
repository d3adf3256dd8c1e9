import { existsSync, readFileSync } from 'node:fs'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { deployDeployments } from '../../src/deployments/deploy/deploy.js'
import type { DeploymentsDocument } from '../../src/deployments/deploy/deployments-file.js'
import { errorsOf } from '../../src/errors.js'
import { silentLog } from '../../src/log.js'
import { apiAddress } from '../../src/prefect-api/address.js'
import { PrefectApi } from '../../src/prefect-api/api.js'
import { documentOf, entry } from '../helpers/deploy-documents.js'
import { PrefectServer } from '../helpers/prefect-server.js'

const { venvs } = JSON.parse(readFileSync('.test-bed/bed.json', 'utf8')) as {
  venvs: Record<string, string>
}

/** Stands in front of a server, and answers the write of a number with 500 instead, before or after it is done. */
async function failing(server: string, number: number, isDone: boolean) {
  const { hostname, port } = new URL(server)
  let writes = 0
  const proxy = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    if (method !== 'GET' && !url.endsWith('/filter')) writes += 1
    const isBad = writes === number && method !== 'GET' && !url.endsWith('/filter')
    const fail = () => response.writeHead(500).end('{"exception_message":"planned"}')
    void buffer(request).then(body => {
      if (isBad && !isDone) return fail()
      const passed = ask({ hostname, port, method, path: url, headers }, answer => {
        void buffer(answer).then(content => {
          if (isBad) fail()
          else response.writeHead(answer.statusCode ?? 0, answer.headers).end(content)
        })
      })
      return passed.end(body)
    })
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`,
    hasFailed: () => writes >= number,
    close: () => {
      proxy.close()
      proxy.closeAllConnections()
    }
  }
}

/** Fields that a server gives anew with each write, and the one schedule that 2.x shows of its list. */
const PASSING = new Set(['id', 'created', 'updated', 'deployment_id', 'schedule', 'last_polled'])

const lasting = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const items = value.map(lasting)
    return items.every(item => typeof item === 'object')
      ? items.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
      : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      // A schedule is known by its rule; the first in the list of 2.x is any.
      PASSING.has(key) && !(key === 'schedule' && 'active' in value) ? [] : [[key, lasting(each)]]
    )
  )
}

const SCHEMA = { parameter_openapi_schema: { type: 'object', properties: {} } }

const cron = (text: string) => ({ schedule: { cron: text, timezone: 'Europe/Paris' } })

describe.each(['2.20.27', '3.9.1'])('a deploy that fails on a server of Prefect %s', release => {
  const python = venvs[release]
  if (python === undefined || !existsSync(python)) {
    if (process.env['CI']) throw new Error(`the test bed has no Prefect ${release}`)
    // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect
    test.skip('has no interpreter', () => {})
    return
  }
  const is2 = release.startsWith('2.')
  const limit = is2
    ? {}
    : { concurrency_limit: 2, concurrency_options: { collision_strategy: 'CANCEL_NEW' } }
  const triggers = (name: string) => (is2 ? {} : { triggers: [{ expect: [name], within: 60 }] })
  const of = (...entries: ReturnType<typeof entry>[]): DeploymentsDocument => ({
    ...documentOf(...entries),
    prefect: release
  })
  const before = of(
    entry('a', {
      schedules: [cron('0 5 * * *'), { schedule: { interval: 3600 } }],
      ...limit,
      ...SCHEMA
    }),
    entry('b', { ...SCHEMA, tags: ['x', 'y'], parameters: { day: 'monday' } }, triggers('one'))
  )
  const after = of(
    entry('a', { ...SCHEMA, schedules: [cron('1 1 * * *')], description: 'other' }),
    entry('b', { ...SCHEMA, version: '2', ...limit }, triggers('two')),
    entry('new', {}, triggers('three')),
    entry('fresh', {}, { flow: 'fresh' })
  )
  let server: PrefectServer

  beforeAll(async () => {
    server = await PrefectServer.start(python)
    await server.makePool('docker', 'docker')
    await deploy(server.api, before)
  }, 120_000)

  afterAll(() => server.stop(), 60_000)

  const deploy = (url: string, document: DeploymentsDocument) =>
    deployDeployments(document, {
      api: new PrefectApi(apiAddress({ PREFECT_API_URL: url })),
      env: {},
      log: silentLog()
    })

  const content = async () => {
    const flows = await server.request<{ name: string }[]>('POST', '/flows/filter', {})
    const automations = is2 ? [] : await server.request('POST', '/automations/filter', {})
    return lasting([await server.deployments(), automations, flows])
  }

  test('has put back all that it wrote, whichever write fails', async () => {
    const had = await content()
    let failed = 0
    for (let number = 1; ; number++) {
      // Every other one fails only after the server has done it.
      const proxy = await failing(server.api, number, number % 2 === 0)
      const error: unknown = await deploy(proxy.url, after).catch((thrown: unknown) => thrown)
      proxy.close()
      if (!proxy.hasFailed()) break
      failed += 1
      expect(errorsOf(error)).toMatchObject([{ code: 'PREFECT_API' }])
      expect([number, await content()]).toEqual([number, had])
    }
    expect(failed).toBeGreaterThanOrEqual(is2 ? 5 : 8)
  }, 120_000)
})
