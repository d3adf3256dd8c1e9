import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { field, fieldIn } from '../helpers/field.js'
import { run, temporaryFolder } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

interface Deployments {
  readonly path: string
  readonly flows: readonly { readonly name: string; readonly entrypoint: string }[]
  readonly deployments: readonly {
    readonly name: string
    readonly entrypoint: string
    readonly body: Readonly<Record<string, unknown>>
  }[]
}

/** A copy of one of the small repositories of the workflow tests. */
function project(name: string) {
  const root = join(temporaryFolder(), name)
  cpSync(join('__tests__/workflow/projects', name), root, { recursive: true })
  return fieldIn(root)
}

const json = (root: string, name: string): unknown =>
  JSON.parse(readFileSync(join(root, '.flowstore', name), 'utf8'))

const deploymentsOf = (root: string) => json(root, 'deployments.json') as Deployments

describeWith(['venv:3.9.1'], 'flows of Prefect 3', bed => {
  const python = bed.venvs['3.9.1']
  const local = ['--storage', 'local', '--python', python]

  test('a project of one file is built, and its flow runs from the folder of the storage', async () => {
    const { flowstore, root } = project('single-file')
    const built = await flowstore(['build', 'flow.py', ...local])
    expect([built.code, built.text]).toEqual([0, expect.stringContaining('flow.py:hello')])
    expect(json(root, 'storage.json')).toMatchObject({
      type: 'Local',
      path: join(root, '.flowstore/sources'),
      flows: { hello: 'flow.py:hello' }
    })
    // The storage has the sources: the repository is not needed.
    rmSync(join(root, 'flow.py'))
    const ended = await flowstore(['run', '.flowstore/storage.json', '--python', python])
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('Completed')])
  }, 180_000)

  test('what local storage does not carry, and a module that hides one of Python, are warned of', async () => {
    const { flowstore } = field({
      'flows/a.py':
        'from prefect import flow\n@flow\ndef orders():\n    import shoplib\n    shoplib.X\n',
      'libs/shoplib.py': 'X = 1\n',
      'statistics.py': ''
    })
    const built = await flowstore(['build', 'flows', '--python-path', 'libs', ...local])
    expect(built.code).toBe(0)
    expect(built.text).toContain('do not look in the folders of --python-path (libs)')
    expect(built.text).toMatch(/warning: statistics\.py has the name of a module of Python's/)
  }, 60_000)

  test('a prefect.yaml with anchors and build steps is written whole, without these steps', async () => {
    const { flowstore, root } = project('anchors')
    const built = await flowstore(['build', 'flows', ...local])
    expect([built.code, built.text]).toEqual([0, expect.stringContaining('Deployments: ')])
    const written = parse(readFileSync(join(root, '.flowstore/prefect.yaml'), 'utf8')) as Readonly<
      Record<string, unknown>
    >
    expect(written).not.toHaveProperty('build')
    expect(written).not.toHaveProperty('push')
    expect(written['pull']).toEqual([
      {
        'prefect.deployments.steps.set_working_directory': {
          directory: join(root, '.flowstore/sources')
        }
      }
    ])
  }, 60_000)

  test('several deployments of one entrypoint belong to their flows, also if two flows have one name', async () => {
    const { flowstore, root } = project('several')
    const built = await flowstore(['build', 'flows', ...local])
    expect(built.code).toBe(0)
    expect(built.text).toContain("notice: 2 flows have the name 'ingest' (flows/ingest.py:ingest, ")
    const { flows, deployments } = deploymentsOf(root)
    expect(flows.map(({ entrypoint }) => entrypoint)).toEqual([
      'flows/ingest.py:ingest',
      'flows/other_ingest.py:ingest'
    ])
    expect(deployments.map(({ name, entrypoint }) => [name, entrypoint])).toEqual([
      ['crm', 'flows/ingest.py:ingest'],
      ['crm-full', 'flows/ingest.py:ingest'],
      ['shop', 'flows/ingest.py:ingest'],
      ['files', 'flows/other_ingest.py:ingest']
    ])
  }, 60_000)

  test('a package of a uv workspace is built with what it needs, and reads a file beside its module', async () => {
    const { flowstore } = project('uv-workspace')
    const roots = ['packages/orders/src', 'packages/reports/src']
    const built = await flowstore([
      ...['build', 'packages', '--storage', 'local', '--python', '3.12'],
      ...['--requirements-file', 'uv.lock', '--package', 'shop-reports'],
      ...roots.flatMap(root => ['--python-path', root])
    ])
    expect(built.code).toBe(0)
    expect(built.text).toContain('packages/reports/src/shop_reports/monthly.py:monthly_report')
    expect(built.text).toContain('packages/orders/src/shop_orders/load.py:load_orders')
  }, 300_000)

  test('a module of Prefect 1 is an error with its line, or left out with on-load-error: warn', async () => {
    const { flowstore, root } = project('half')
    const refused = await flowstore(['build', 'flows', ...local])
    expect(refused.code).toBe(3)
    expect(refused.text).toContain('error OTHER_GENERATION')
    expect(refused.text).toContain('(flows/old_orders.py:3)')
    expect(existsSync(join(root, '.flowstore/storage.json'))).toBe(false)
    const built = await flowstore(['build', 'flows', ...local, '--on-load-error', 'warn'])
    expect(built.code).toBe(0)
    expect(built.text).toContain('warning: the flows of flows/old_orders.py are left out')
    expect(json(root, 'storage.json')).toMatchObject({
      flows: { 'new orders': 'flows/new_orders.py:orders' }
    })
  }, 60_000)

  test('every fault of a prefect.yaml is an error on its line, and nothing is written', async () => {
    const { flowstore, root } = field({
      'flows/orders.py': 'from prefect import flow\n@flow\ndef orders(limit: int = 1):\n    pass\n',
      'prefect.yaml': [
        'deployments:',
        '  - name: typo',
        '    entrypoint: flows/orders.py:order',
        '    work_pool: {name: docker}',
        '  - name: wrong',
        '    entrypoint: flows/orders.py:orders',
        '    parameters: {limit: many, unknown: 1}',
        '    schedules: [{cron: "0 5 * * *", interval: 60}]',
        '    work_pool: {name: docker}'
      ].join('\n')
    })
    const refused = await flowstore(['build', 'flows', ...local])
    expect(refused.code).toBe(2)
    for (const line of [3, 7, 8]) expect(refused.text).toContain(`(prefect.yaml:${line})`)
    expect(readdirSync(join(root, '.flowstore'))).toEqual(['failure.json'])
  }, 60_000)

  test.each(['memory', 'bytes'])(
    '%s storage is refused with the reason',
    async storage => {
      const { flowstore } = project('single-file')
      const refused = await flowstore([
        'build',
        'flow.py',
        '--storage',
        storage,
        '--python',
        python
      ])
      expect(refused.code).toBe(2)
      expect(refused.text).toContain(`has no ${storage} storage: a run has to read the sources`)
    },
    60_000
  )

  test('a flow that no entrypoint can name is a notice with the reason', async () => {
    const { flowstore } = field({
      'flows.py':
        'from prefect import flow\n@flow\ndef one():\n    pass\ndef made(n):\n    @flow(name=f"made-{n}")\n    def inner():\n        return n\n    return inner\nALL = [made(1)]\n'
    })
    const built = await flowstore(['build', 'flows.py', ...local])
    expect(built.code).toBe(0)
    expect(built.text).toMatch(/notice: flow "made-1" is left out: /)
  }, 60_000)

  test('a parameter of a run goes through Prefect’s validation', async () => {
    const { flowstore } = field({
      'flows.py':
        'from datetime import date\nfrom prefect import flow\n@flow(log_prints=True)\ndef daily(day: date):\n    print("DAY", type(day).__name__)\n'
    })
    expect((await flowstore(['build', 'flows.py', ...local])).code).toBe(0)
    const run = (param: string) =>
      flowstore(['run', '.flowstore/storage.json', '--python', python, '--param', param])
    const wrong = await run('day=never')
    expect([wrong.code, wrong.text]).toEqual([2, expect.stringContaining('day')])
    const ended = await run('day=2026-01-05')
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('DAY date')])
  }, 240_000)
})

describeWith(['docker', 'registry', 'prefect:3.9.1'], 'images of flows of Prefect 3', bed => {
  test('packages in src are found in the image, and hide none of Python’s modules from a user of the base image', async () => {
    const { flowstore, root } = field({
      Dockerfile: `FROM ${bed.prefectImages['3.9.1']}\nRUN useradd --create-home app\nENV PREFECT_HOME=/home/app/prefect\nUSER app\n`,
      'src/shop/__init__.py': '',
      'src/shop/limits.py': 'LIMIT = 3\n',
      'src/shop/flows/__init__.py': '',
      'src/shop/flows/orders.py':
        'from prefect import flow\nfrom shop.limits import LIMIT\n@flow\ndef orders(limit: int = LIMIT):\n    pass\n',
      'src/shop/flows/stock.py':
        'from prefect import flow\nfrom ..limits import LIMIT\n@flow\ndef stock(limit: int = LIMIT):\n    pass\n',
      'src/calendar.py': 'HOLIDAYS = []\n'
    })
    const daemon = { DOCKER_HOST: bed.dockerHost }
    const args = ['build', 'src/shop/flows', '--dockerfile', 'Dockerfile', '--push', 'false']
    const built = await flowstore([...args, '--image-name', 'src-layout'], daemon)
    expect([built.code, built.text]).toEqual([0, expect.stringContaining('shop.flows.stock:stock')])
    const { image } = (json(root, 'report.json') as { outputs: { image: string } }).outputs
    const command = ['run', '--rm', image, 'prefect', 'version']
    const ran = await run('docker', command, root, { ...process.env, ...daemon })
    expect(ran).toMatchObject({ code: 0 })
  }, 300_000)
})
