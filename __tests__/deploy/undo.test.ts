import { existsSync, readFileSync } from 'node:fs'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
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

/** Something that happens before a write is passed on; `true` refuses the write. */
type Meanwhile = () => Promise<boolean>

/** Stands in front of a server; something happens before the writes of some numbers. */
async function interrupted(server: string, meanwhile: Readonly<Record<number, Meanwhile>>) {
  const { hostname, port } = new URL(server)
  let writes = 0
  const proxy = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const isWrite = method !== 'GET' && !url.endsWith('/filter')
    if (isWrite) writes += 1
    const happens = isWrite ? meanwhile[writes] : undefined
    void (async () => {
      const body = await buffer(request)
      if (await happens?.()) {
        response.writeHead(500).end('{"exception_message":"planned"}')
        return
      }
      ask({ hostname, port, method, path: url, headers }, answer => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      }).end(body)
    })()
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`,
    close: () => {
      proxy.close()
      proxy.closeAllConnections()
    }
  }
}

/** Stands in front of a server; the first write waits until it may go on. */
async function waiting(server: string) {
  let [go, goes]: (() => void)[] = []
  const [isReady, mayWrite] = [
    new Promise<void>(done => (goes = done)),
    new Promise<void>(done => (go = done))
  ]
  const proxy = await interrupted(server, {
    1: async () => {
      goes?.()
      await mayWrite
      return false
    }
  })
  return { ...proxy, isReady, goOn: () => go?.() }
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

describe.each(['2.13.8', '2.20.27', '3.9.1'])('a server of Prefect %s', release => {
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
      // Before 2.16 a deployment has one.
      schedules: [
        cron('0 5 * * *'),
        ...(release.startsWith('2.13') ? [] : [{ schedule: { interval: 3600 } }])
      ],
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

  /** What a deploy did with each deployment, and what it noticed; or why it failed. */
  const told = async (url: string, document: DeploymentsDocument) => {
    const log = silentLog()
    try {
      const { deployments } = await deployDeployments(document, {
        api: new PrefectApi(apiAddress({ PREFECT_API_URL: url })),
        env: {},
        log
      })
      return {
        states: deployments.map(({ name, state }) => `${name} ${state}`),
        notices: log.notices.map(({ message }) => message)
      }
    } catch (error) {
      return { detail: errorsOf(error)[0]?.detail ?? '' }
    }
  }
  const versions = async () =>
    (await server.deployments()).map(({ name, description }) => [name, description])
  const described = (description: string, ...names: readonly string[]) =>
    of(...names.map(name => entry(name, { description })))

  test('says of two deploys at once which one made a deployment', async () => {
    await server.forget()
    let other: unknown
    const proxy = await interrupted(server.api, {
      1: async () => {
        other = await told(server.api, described('other', 'one', 'two'))
        return false
      }
    })
    const own = await told(proxy.url, described('own', 'one', 'two', 'three'))
    proxy.close()
    expect(other).toMatchObject({ states: ['one created', 'two created'] })
    expect(own).toMatchObject({ states: ['one updated', 'two updated', 'three created'] })
    expect(own.notices).toEqual(
      expect.arrayContaining([expect.stringMatching(/has made ".*\/one" in the meantime/)])
    )
  }, 60_000)

  test.each([
    ['other content', 'other'],
    ['the same content', 'own']
  ])(
    'keeps what another deploy wrote with %s, when one fails and is undone',
    async (_, description) => {
      await server.forget()
      await deploy(server.api, described('before', 'old', 'mine'))
      const second = await waiting(server.api)
      let other: Promise<unknown> | undefined
      // Both have compared before one of them writes.
      const first = await interrupted(server.api, {
        1: async () => {
          other = told(second.url, described(description, 'old', 'new'))
          await second.isReady
          return false
        },
        5: async () => {
          second.goOn()
          await other
          return true
        }
      })
      const { detail } = await told(first.url, described('own', 'old', 'mine', 'new', 'own', 'x'))
      first.close()
      second.close()
      expect(await other).toMatchObject({ states: ['old updated', 'new updated'] })
      expect(detail).toMatch(/deleted again: .*\/own/)
      expect(detail).toMatch(/put back as it was: .*\/mine/)
      expect(detail).toMatch(/left as it is: .*\/new, which somebody else has written/)
      expect(await versions()).toEqual([
        ['mine', 'before'],
        ['new', description],
        ['old', description]
      ])
    },
    60_000
  )

  test('makes again what it found unchanged and another deploy then undid', async () => {
    await server.forget()
    await deploy(server.api, described('before', 'old'))
    // It has compared, and waits with its write.
    const second = await waiting(server.api)
    let other: Promise<unknown> | undefined
    const first = await interrupted(server.api, {
      2: async () => {
        other = told(second.url, described('same', 'shared', 'mine'))
        await second.isReady
        return true
      }
    })
    const { detail } = await told(first.url, described('same', 'shared', 'refused'))
    second.goOn()
    expect(detail).toMatch(/deleted again: .*\/shared/)
    expect(await other).toMatchObject({
      states: ['shared created', 'mine created'],
      notices: [expect.stringMatching(/somebody else has deleted ".*\/shared" in the meantime/)]
    })
    first.close()
    second.close()
    expect(await versions()).toEqual([
      ['mine', 'same'],
      ['old', 'before'],
      ['shared', 'same']
    ])
  }, 60_000)

  test('does not take the poll of a worker for another deploy', async () => {
    await server.forget()
    const poll: Meanwhile = async () => {
      await server.request('POST', '/work_pools/docker/get_scheduled_flow_runs', {})
      // The server notes the poll after its answer.
      await setTimeout(500)
      return true
    }
    const proxy = await interrupted(server.api, { 2: poll })
    const { detail } = await told(proxy.url, described('own', 'one', 'two'))
    proxy.close()
    expect(detail).toMatch(/deleted again: .*\/one/)
    expect(await versions()).toEqual([])
  }, 60_000)

  test('has all that a failed deploy wrote put back, whichever write fails', async () => {
    await server.forget()
    await deploy(server.api, before)
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
