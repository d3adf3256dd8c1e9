import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { deployDeployments } from '../../src/deployments/deploy/deploy.js'
import {
  parseDeployments,
  type DeploymentsDocument
} from '../../src/deployments/deploy/deployments-file.js'
import { errorsOf } from '../../src/errors.js'
import { silentLog } from '../../src/log.js'
import { apiAddress } from '../../src/prefect-api/address.js'
import { PrefectApi } from '../../src/prefect-api/api.js'
import { run, temporaryFolder } from '../helpers/flowstore.js'
import { PrefectServer, type Deployed } from '../helpers/prefect-server.js'

// Real servers: the ends, and the last of 2. The conformance tests have those between them.
const RELEASES = ['2.13.8', '2.20.27', '3.9.1']

const bed = '.test-bed/bed.json'
const { venvs } = JSON.parse(readFileSync(bed, 'utf8')) as { venvs: Record<string, string> }

const FLOWS = `from prefect import flow

@flow
def orders(day: str = "today", limit: int = 10):
    "Orders of a day."

@flow(name="Nightly report")
def nightly(count: int):
    "A report."
`

/** `prefect.yaml`; before 2.16 a deployment has one schedule. */
const yamlOf = (hasList: boolean): string => `
pull:
  - prefect.deployments.steps.set_working_directory:
      directory: /opt/prefect/shop
deployments:
  - name: default
    entrypoint: flows/orders.py:orders
    version: "1"
    parameters: {day: monday}
    tags: [a, b]
    ${
      hasList
        ? 'schedules: [{cron: "0 5 * * *", timezone: Europe/Paris}, {interval: 3600}]'
        : 'schedule: {cron: "0 5 * * *", timezone: Europe/Paris}'
    }
    work_pool: {name: docker, job_variables: {image: "ghcr.io/acme/flows:1", env: {LEVEL: info}}}
  - name: second
    entrypoint: flows/orders.py:orders
    version: "1"
    description: Another
    work_pool: {name: docker, job_variables: {image: "ghcr.io/acme/flows:1"}}
  - name: rule
    entrypoint: flows/orders.py:nightly
    version: "1"
    parameters: {count: 3}
    ${hasList ? 'schedules: [{rrule: "FREQ=DAILY;INTERVAL=2"}]' : 'schedule: {rrule: "FREQ=DAILY;INTERVAL=2"}'}
    work_pool: {name: docker, work_queue_name: fast, job_variables: {image: "ghcr.io/acme/flows:1"}}
`

/** Prints \`deployments.json\` of \`prefect.yaml\`, with the schemas of Prefect itself. */
const DOCUMENT = `
import json, os, sys, warnings, yaml
warnings.filterwarnings("ignore")
import prefect
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

new = not prefect.__version__.startswith("2.")
several = not prefect.__version__.startswith("2.13")
source = yaml.safe_load(open("prefect.yaml"))

def schedule_of(given):
    return {key: value for key, value in given.items() if key != "active"}

def body_of(given, flow):
    schema = parameter_schema(flow)
    pool = given["work_pool"]
    body = {
        "name": given["name"], "entrypoint": given["entrypoint"], "path": None, "pull_steps": source["pull"],
        "work_pool_name": pool["name"], "work_queue_name": pool.get("work_queue_name"),
        "parameters": given.get("parameters", {}), "tags": given.get("tags", []), "version": given["version"],
        "parameter_openapi_schema": schema.model_dump(exclude_unset=True) if new else schema.dict(),
        "enforce_parameter_schema": new, "description": given.get("description") or flow.description,
        "job_variables" if several else "infra_overrides": pool["job_variables"],
    }
    if several:
        body["paused"] = False
        body["schedules"] = [{"schedule": schedule_of(each)} for each in given.get("schedules", [])]
    else:
        body["schedule"] = given.get("schedule")
        body["is_schedule_active"] = True
    return body

deployments = []
for given in source["deployments"]:
    flow = load_flow_from_entrypoint(given["entrypoint"])
    deployments.append({"name": given["name"], "flow": flow.name, "body": body_of(given, flow)})
print(json.dumps({"version": 1, "prefect": prefect.__version__, "image": "ghcr.io/acme/flows:1", "path": None,
                  "deployments": deployments}))
`

/** Fields that differ from one write to the next. */
const PASSING = new Set([
  ...['id', 'flow_id', 'created', 'updated', 'created_by', 'updated_by', 'deployment_id'],
  ...['last_polled', 'status', 'work_queue_id', 'anchor_date', 'labels']
])

/** A record without what passes. */
const lasting = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(lasting)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) =>
      // Releases write an empty list of definitions or none.
      PASSING.has(key) || (key === 'definitions' && Object.keys(each as object).length === 0)
        ? []
        : [[key, lasting(each)]]
    )
  )
}

const byName = (records: readonly Deployed[]) =>
  Object.fromEntries(records.map(record => [record.name, lasting(withSortedSchedules(record))]))

/** The order of schedules has no meaning. */
const withSortedSchedules = (record: Deployed): object => {
  const schedules = record['schedules']
  if (!Array.isArray(schedules)) return record
  const text = (each: unknown) => JSON.stringify(lasting(each))
  const sorted = [...(schedules as unknown[])].sort((a, b) => text(a).localeCompare(text(b)))
  return { ...record, schedules: sorted, schedule: undefined }
}

describe.each(RELEASES)('deploying to a server of Prefect %s', release => {
  const python = venvs[release]
  if (python === undefined || !existsSync(python)) {
    if (process.env['CI']) throw new Error(`the test bed has no Prefect ${release}`)
    // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect
    test.skip('has no interpreter', () => {})
    return
  }
  const folder = temporaryFolder()
  const is2 = release.startsWith('2.')
  let server: PrefectServer
  let document: DeploymentsDocument

  beforeAll(async () => {
    mkdirSync(join(folder, 'flows'))
    writeFileSync(join(folder, 'flows/orders.py'), FLOWS)
    writeFileSync(join(folder, 'prefect.yaml'), yamlOf(release !== '2.13.8'))
    server = await PrefectServer.start(python)
    await server.makePool('docker', 'docker')
    const { stdout, stderr } = await run(python, ['-c', DOCUMENT], folder, server.env)
    if (!stdout.startsWith('{')) throw new Error(stderr)
    document = parseDeployments(stdout, 'deployments.json')
  }, 300_000)

  beforeEach(() => server.forget())

  afterAll(() => server.stop(), 60_000)

  const deploy = async (
    given: DeploymentsDocument,
    options: { dryRun?: boolean; prune?: boolean } = {},
    env: Record<string, string> = {}
  ) => {
    const api = new PrefectApi(apiAddress({ PREFECT_API_URL: server.api }))
    const { deployments } = await deployDeployments(given, {
      api,
      env,
      log: silentLog(),
      ...options
    })
    return deployments.map(({ name, state, changes }) =>
      [state, name, ...changes.map(({ field }) => field)].join(' ')
    )
  }

  /** The document with other fields in the body of its first deployment. */
  const changed = (fields: object, index = 0): DeploymentsDocument => ({
    ...document,
    deployments: document.deployments.map((each, at) =>
      at === index ? { ...each, body: { ...each.body, ...fields } } : each
    )
  })

  // 2.13.8 fails with --all.
  const NAMES = ['default', 'second', 'rule']
  const UNCHANGED = NAMES.map(name => `unchanged ${name}`)

  test('the records are those of prefect deploy', async () => {
    const ended = await server.prefect(
      ['--no-prompt', 'deploy', ...NAMES.flatMap(name => ['-n', name])],
      folder
    )
    expect(ended.code === 0 ? 0 : ended.stdout + ended.stderr).toBe(0)
    const theirs = byName(await server.deployments())
    expect(Object.keys(theirs)).toHaveLength(3)
    // What prefect deploy has written is what the file says, but for the labels of the project and the file.
    const label = 'labels.flowstore.project labels.flowstore.file'
    const hasLabels = !is2 && release !== '3.0.11'
    expect(await deploy(document, { dryRun: true })).toEqual(
      hasLabels
        ? UNCHANGED.map(row => `${row.replace('unchanged', 'changed')} ${label}`)
        : UNCHANGED
    )
    await server.forget()
    await deploy(document)
    expect(byName(await server.deployments())).toEqual(theirs)
  }, 120_000)

  test('the same again writes nothing, and a changed parameter updates one', async () => {
    expect(await deploy(document)).toEqual(['created default', 'created second', 'created rule'])
    const before = await server.deployments()
    expect(await deploy(document)).toEqual(UNCHANGED)
    expect(await server.deployments()).toEqual(before)
    const parameters = { day: 'friday' }
    expect(await deploy(changed({ parameters }))).toEqual([
      'updated default parameters.day',
      ...UNCHANGED.slice(1)
    ])
    const after = await server.deployments()
    const others = (records: readonly Deployed[]) =>
      records.filter(({ name }) => name !== 'default')
    expect(others(after)).toEqual(others(before))
    expect(after.find(({ name }) => name === 'default')).toMatchObject({ parameters })
  }, 60_000)

  test('a new image changes nothing else, and stays in the work pool and its queue', async () => {
    await deploy(document)
    const record = async () =>
      (await server.deployments()).find(({ name }) => name === 'rule') as Deployed
    const before = await record()
    const field = release === '2.13.8' ? 'infra_overrides' : 'job_variables'
    const image = { image: 'ghcr.io/acme/flows:2' }
    expect(await deploy(changed({ version: '2', [field]: image }, 2))).toEqual([
      ...UNCHANGED.slice(0, 2),
      'updated rule version job_variables.image'
    ])
    const after = await record()
    // 2.x answers the older name, also where it takes the newer one.
    const answered = is2 ? 'infra_overrides' : 'job_variables'
    expect(after['labels']).toEqual(before['labels'])
    expect([after.id, lasting(after)]).toEqual([
      before.id,
      { ...(lasting(before) as object), version: '2', [answered]: image }
    ])
  }, 60_000)

  test('schedules stay where the file has none, and go where its list is empty', async () => {
    await deploy(document)
    const schedules = async () =>
      byName(await server.deployments())['default'] as Record<string, unknown>
    const field = release === '2.13.8' ? 'schedule' : 'schedules'
    const before = (await schedules())[field]
    await deploy(changed({ [field]: undefined, is_schedule_active: undefined, tags: ['other'] }))
    expect((await schedules())[field]).toEqual(before)
    await deploy(changed({ [field]: field === 'schedule' ? null : [], tags: ['other'] }))
    expect((await schedules())[field]).toEqual(field === 'schedule' ? null : [])
  }, 60_000)

  test('after a refusal the server has what it had before', async () => {
    await deploy(document)
    const before = byName(await server.deployments())
    // The checks before a write know types and bounds, and leave multiples to the server.
    const enforced = {
      enforce_parameter_schema: true,
      parameters: { count: 3 },
      parameter_openapi_schema: {
        type: 'object',
        properties: { count: { type: 'integer', multipleOf: 5 } }
      }
    }
    const half = changed(enforced, 2)
    const [first, second, third] = changed({ tags: ['new'] }).deployments
    if (!first || !second || !third) throw new Error('three deployments are needed')
    const fresh = { ...second, flow: 'fresh', body: { ...second.body, name: 'fresh' } }
    const deployments = [first, fresh, ...half.deployments.slice(2)]
    const error = await deploy({ ...document, deployments }).catch((thrown: unknown) => thrown)
    expect(errorsOf(error)).toMatchObject([
      { code: 'PREFECT_API', message: expect.stringContaining('3 is not a multiple of 5') }
    ])
    expect(errorsOf(error)[0]?.detail).toContain('put back as it was: orders/default')
    expect(byName(await server.deployments())).toEqual(before)
  }, 60_000)

  test('templates get their values from the environment and the server', async () => {
    const value = is2 ? '7' : 7
    await server.request('POST', '/variables/', { name: 'limit', value }).catch(() => undefined)
    const parameters = { day: '{{ $DAY }}', limit: '{{ prefect.variables.limit }}' }
    await deploy(changed({ parameters, enforce_parameter_schema: false }), {}, { DAY: 'monday' })
    const record = (await server.deployments()).find(({ name }) => name === 'default')
    expect(record).toMatchObject({ parameters: { day: 'monday', limit: value } })
  }, 60_000)

  test('a prune deletes what is gone, where deployments have labels', async () => {
    await deploy(document)
    const fewer = { ...document, deployments: document.deployments.slice(1) }
    const pruned = await deploy(fewer, { prune: true }).catch(
      (thrown: unknown) => errorsOf(thrown)[0]?.code
    )
    const names = (await server.deployments()).map(({ name }) => name).sort()
    const hasLabels = !is2 && release !== '3.0.11'
    expect([pruned, names]).toEqual(
      hasLabels
        ? [
            [...UNCHANGED.slice(1), 'deleted default'],
            ['rule', 'second']
          ]
        : ['NOT_SUPPORTED', ['default', 'rule', 'second']]
    )
  }, 60_000)

  // Prefect 2 makes no automations of a deployment.
  if (is2) return
  test('triggers become automations, once', async () => {
    const trigger = {
      expect: ['prefect.flow-run.Completed'],
      parameters: { day: '{{ event.name }}' }
    }
    const proactive = { posture: 'Proactive', expect: ['b'], within: 30 }
    const compound = {
      type: 'compound',
      require: 'all',
      within: 60,
      triggers: [{ expect: ['a'] }, { expect: ['b'] }]
    }
    const triggers = [trigger, proactive, compound]
    const document3 = {
      ...document,
      deployments: document.deployments.map((each, at) => (at === 0 ? { ...each, triggers } : each))
    }
    await deploy(document3)
    const names = async () =>
      (await server.request<{ name: string }[]>('POST', '/automations/filter', {})).map(
        ({ name }) => name
      )
    expect((await names()).sort()).toEqual([1, 2, 3].map(number => `default__automation_${number}`))
    expect(await deploy(document3)).toEqual(UNCHANGED)
    await deploy(document)
    expect(await names()).toEqual([])
  }, 60_000)
})
