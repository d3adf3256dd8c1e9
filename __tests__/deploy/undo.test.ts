import { existsSync, readFileSync } from 'node:fs'
import {
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
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

/** Answers a request, for most by passing it on. */
type Between = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  pass: () => Promise<Passed>
) => Promise<void>

interface Passed {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly content: Buffer
}

/** Proxies of a test, which end with it. */
const proxies: Server[] = []

/** Stands in front of a server until the test ends. */
async function proxyOf(server: string, between: Between): Promise<string> {
  const { hostname, port } = new URL(server)
  const proxy = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const passed = (body: Buffer) =>
      new Promise<Passed>((resolve, reject) => {
        // A connection of its own: the server closes one that nobody has used for some seconds.
        ask({ hostname, port, method, path: url, headers, agent: false }, answer => {
          const { statusCode: status = 0, headers } = answer
          buffer(answer).then(content => {
            resolve({ status, headers, content })
          }, reject)
        })
          .on('error', reject)
          .end(body)
      })
    buffer(request)
      .then(body => between(request, response, body, () => passed(body)))
      .catch(() => response.destroy())
  })
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
  proxies.push(proxy)
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`
}

const answerWith = (response: ServerResponse, { status, headers, content }: Passed) =>
  response.writeHead(status, headers).end(content)

const refuse = (response: ServerResponse) =>
  response.writeHead(500).end('{"exception_message":"planned"}')

/** Stands in front of a server, and answers the write of a number with 500 instead, before or after it is done. */
async function failing(server: string, number: number, isDone: boolean) {
  let writes = 0
  const url = await proxyOf(server, async ({ method, url = '' }, response, _, pass) => {
    const isWrite = method !== 'GET' && !url.endsWith('/filter')
    if (isWrite) writes += 1
    const isBad = isWrite && writes === number
    if (isBad && !isDone) return void refuse(response)
    const passed = await pass()
    if (isBad) refuse(response)
    else answerWith(response, passed)
  })
  return { url, hasFailed: () => writes >= number }
}

/** Something that happens before a write is passed on; `true` refuses the write. */
type Meanwhile = () => Promise<boolean>

const nameIn = (body: Buffer): string => (JSON.parse(body.toString()) as { name: string }).name

/**
 * Stands in front of a server; something happens before the first write of some deployments. They are known by name, not by
 * number: a busy server answers 503, and then a request comes twice.
 */
const interrupted = (server: string, meanwhile: Readonly<Record<string, Meanwhile>>) => {
  const waiting = new Map(Object.entries(meanwhile))
  return proxyOf(server, async ({ url = '' }, response, body, pass) => {
    const name = url.endsWith('/deployments/') ? nameIn(body) : ''
    const happens = waiting.get(name)
    waiting.delete(name)
    if (await happens?.()) refuse(response)
    else answerWith(response, await pass())
  })
}

/** Stands in front of a server; the first write of a deployment waits until it may go on. */
async function waiting(server: string, deployment: string) {
  let [go, goes]: (() => void)[] = []
  const [isReady, mayWrite] = [
    new Promise<void>(done => (goes = done)),
    new Promise<void>(done => (go = done))
  ]
  const url = await interrupted(server, {
    [deployment]: async () => {
      goes?.()
      await mayWrite
      return false
    }
  })
  return { url, isReady, goOn: () => go?.() }
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

  afterEach(() => {
    for (const proxy of proxies.splice(0)) {
      proxy.close()
      proxy.closeAllConnections()
    }
  })

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
    const url = await interrupted(server.api, {
      one: async () => {
        other = await told(server.api, described('other', 'one', 'two'))
        return false
      }
    })
    const own = await told(url, described('own', 'one', 'two', 'three'))
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
      const second = await waiting(server.api, 'old')
      let other: Promise<unknown> | undefined
      // Both have compared before one of them writes.
      const first = await interrupted(server.api, {
        old: async () => {
          other = told(second.url, described(description, 'old', 'new'))
          await second.isReady
          return false
        },
        x: async () => {
          second.goOn()
          await other
          return true
        }
      })
      const { detail } = await told(first, described('own', 'old', 'mine', 'new', 'own', 'x'))
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
    const second = await waiting(server.api, 'mine')
    let other: Promise<unknown> | undefined
    const first = await interrupted(server.api, {
      refused: async () => {
        other = told(second.url, described('same', 'shared', 'mine'))
        await second.isReady
        return true
      }
    })
    const { detail } = await told(first, described('same', 'shared', 'refused'))
    second.goOn()
    expect(detail).toMatch(/deleted again: .*\/shared/)
    expect(await other).toMatchObject({
      states: ['shared created', 'mine created'],
      notices: [expect.stringMatching(/somebody else has deleted ".*\/shared" in the meantime/)]
    })
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
    const url = await interrupted(server.api, { two: poll })
    const { detail } = await told(url, described('own', 'one', 'two'))
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
      if (!proxy.hasFailed()) break
      failed += 1
      expect(errorsOf(error)).toMatchObject([{ code: 'PREFECT_API' }])
      expect([number, await content()]).toEqual([number, had])
    }
    expect(failed).toBeGreaterThanOrEqual(is2 ? 5 : 8)
  }, 120_000)
})
