import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeWithPrefect, field, type FieldRun } from '../helpers/field.js'
import { inImage } from '../helpers/builds.js'
import { freshName, oneFlow, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const SECRET = 'hunter2-hunter2'

/** A flow whose module needs a variable while it is loaded, and doesn't keep it. */
const NEEDS_KEY = `import os
key = os.environ["API_KEY"]
print("the key is", key)
del key
${oneFlow('orders')}`

/** Everything that a run wrote or printed. */
function allText({ root, text }: FieldRun): string {
  const folder = join(root, '.flowstore')
  const files = readdirSync(folder).map(file => readFileSync(join(folder, file), 'latin1'))
  return [text, ...files].join('\n')
}

/** A module with statements after a flow that is named `f`. */
const after = (lines: string) => `${oneFlow('f')}\n${lines}\n`

await describeWithPrefect('1.4.1', 'variables for the load alone', python => {
  const build = ['build', 'flows', '--storage', 'bytes', '--python', python]

  test('are seen by modules, and their values are in no file and not in the log', async () => {
    const { flowstore } = field({ 'flows/a.py': NEEDS_KEY })
    const ended = await flowstore([...build, '--load-env-vars', `API_KEY=${SECRET}`])
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
    expect(ended.text).not.toContain('warning: flow "orders" holds')
    expect(allText(ended)).not.toContain(SECRET)
  }, 60_000)

  test('are taken from the environment of the step if only their name is given', async () => {
    const { flowstore } = field({ 'flows/a.py': NEEDS_KEY })
    const args = [...build, '--load-env-vars', 'API_KEY']
    expect(await flowstore(args, { API_KEY: SECRET })).toMatchObject({ code: 0 })
    const absent = await flowstore(args)
    expect([absent.code, absent.text]).toEqual([2, expect.stringContaining('INVALID_OPTION')])
    expect(absent.text).toContain("'--load-env-vars' lists API_KEY, which is not set")
  }, 60_000)

  test('reach the secrets of Prefect', async () => {
    const module = `from prefect.client import Secret\nassert Secret("DB").get() == "${SECRET}"\n`
    const { flowstore } = field({ 'flows/a.py': `${module}${oneFlow('orders')}` })
    const option = `PREFECT__CONTEXT__SECRETS__DB=${SECRET}`
    const ended = await flowstore([...build, '--load-env-vars', option])
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
  }, 60_000)

  test('a value in a flow is a warning with the task and the line', async () => {
    const module = oneFlow('orders').replace('return 1', 'return KEY')
    const { flowstore } = field({
      'flows/a.py': `import os\nKEY = os.environ["API_KEY"]\n${module}`
    })
    const ended = await flowstore([...build, '--load-env-vars', `API_KEY=${SECRET}`])
    expect([ended.code, ended.text]).toEqual([
      0,
      expect.stringContaining(
        'warning: flow "orders" holds the value of API_KEY of --load-env-vars (task "one" > run > KEY)'
      )
    ])
    expect(ended.text).toContain('(flows/a.py:11)')
    expect(ended.text).not.toContain(SECRET)
  }, 60_000)

  test('a value in an error of a module is not shown', async () => {
    const { flowstore } = field({
      'flows/a.py': `import os\nraise ValueError(os.environ["API_KEY"])\n`
    })
    const ended = await flowstore([...build, '--load-env-vars', `API_KEY=${SECRET}`])
    expect([ended.code, ended.text]).toEqual([3, expect.stringContaining('ValueError: ***')])
    expect(ended.text).not.toContain(SECRET)
  }, 60_000)
})

const RECIPE = after(`from prefect import Client
storage = Docker(registry_url="registry.test", image_name="x")
storage.add_flow(flow)
storage = storage.build()
assert isinstance(storage, Docker)
assert flow.run() is None
assert flow.REGISTER("project") is None
flow.visualize()
Client().create_project("project")
`)

const SCHEDULED = `from datetime import datetime, timedelta
from prefect.schedules import IntervalSchedule
every_day = IntervalSchedule(start_date=datetime(2020, 1, 1), interval=timedelta(days=1))
`

for (const [release, storages, register] of [
  ['0.5.4', 'prefect.environments.storage', 'deploy'],
  ['1.4.1', 'prefect.storage', 'register']
] as const) {
  await describeWithPrefect(release, `calls of Prefect ${release} at module level`, python => {
    test('have no effect, with a notice for each line, and the flow with a schedule ends', async () => {
      const recipe = RECIPE.replace('with Flow("f")', 'with Flow("f", schedule=every_day)')
      const module = `from ${storages} import Docker\n${SCHEDULED}${recipe}`
      const { flowstore } = field({ 'flows/a.py': module.replace('REGISTER', register) })
      const args = ['build', 'flows', '--storage', 'bytes', '--python', python]
      const ended = await flowstore(args)
      expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
      const calls = ['storage.add_flow', 'storage.build', 'flow.run', `flow.${register}`]
      for (const call of [...calls, 'flow.visualize', 'Client().create_project']) {
        expect(ended.text.split(`notice: \`${call}()\` has no effect`)).toHaveLength(2)
      }
      expect(ended.text).toMatch(/`flow\.run\(\)` has no effect .*\(flows\/a\.py:21\)/)
    }, 60_000)
  })
}

await describeWithPrefect('1.4.1', 'what fails at import', python => {
  const build = ['build', 'flows', '--storage', 'bytes', '--python', python]
  const SERVICE = 'Move it into a task'
  const CASES: readonly (readonly [string, string, readonly string[]])[] = [
    ['variable', 'import os\nos.environ["DB_URL"]', ['`DB_URL` is not set', '`--load-env-vars`']],
    [
      'unset',
      'import os\nPORT = int(os.getenv("DB_PORT"))',
      ['The variable `DB_PORT` is not set', '`--load-env-vars`']
    ],
    [
      'unset_later',
      'import os\nMODE = os.environ.get("DB_MODE", None)\nNAME = os.getenv("DB_NAME")\nMODE.upper()',
      ['The variables `DB_MODE`, `DB_NAME` are not set', '`--load-env-vars`']
    ],
    [
      'context_secret',
      'import prefect\nprefect.context.secrets["AWS"]',
      ['PREFECT__CONTEXT__SECRETS__NAME', '`--load-env-vars`']
    ],
    [
      'context_of_a_run',
      'import prefect\nprefect.context.scheduled_start_time',
      ['`scheduled_start_time` only while a flow runs']
    ],
    [
      'secret',
      'from prefect.client import Secret\nSecret("AWS").get()',
      ['`PrefectSecret("AWS")`', 'PREFECT__CONTEXT__SECRETS__AWS']
    ],
    [
      'secret_task',
      'from prefect.tasks.secrets import PrefectSecret\nPrefectSecret("GCP").run()',
      ['`PrefectSecret("GCP")`']
    ],
    [
      'key_value',
      'from prefect.backend import get_key_value\nget_key_value("k")',
      ['The key-value store', SERVICE]
    ],
    [
      'request',
      'import requests\nrequests.get("http://127.0.0.1:1/")',
      ['There is no network while flows are loaded', SERVICE]
    ],
    ['next_prefect', 'from prefect import flow', ['!flows/next_prefect.py', 'prefect-version']],
    [
      'context',
      `${oneFlow('c')}`
        .replace('Flow, task', 'Flow, task, context')
        .replace('return 1', 'return context'),
      ['use `prefect.context` inside']
    ],
    [
      'file',
      'open("table.csv")',
      ['starts at the root of the repository', 'Path(__file__).parent / "../data/table.csv"']
    ],
    ['folder', 'import etl.steps', ['the module `etl` in the folder `lib`', '`--python-path lib`']],
    ['result', after('flow.run().is_successful()'), ['return None while flows are loaded']]
  ]
  let text = ''

  test('is reported for every module, soon', async () => {
    const modules = CASES.map(([name, module]) => [`flows/${name}.py`, `${module}\n`])
    const { flowstore } = field({
      ...(Object.fromEntries(modules) as Record<string, string>),
      'data/table.csv': '1,2\n',
      'lib/etl/__init__.py': '',
      'lib/etl/steps.py': ''
    })
    const ended = await flowstore([...build, '--no-healthcheck'])
    text = ended.text
    expect([ended.code, text]).toEqual([3, expect.stringContaining('MODULE_IMPORT')])
  }, 60_000)

  test.each(CASES)('%s: the hint names the way', (name, _module, expected) => {
    const [, hint = ''] =
      new RegExp(`\\(flows/${name}\\.py:\\d+\\)\\n[^]*?hint: (.*)`).exec(text) ?? []
    for (const part of expected) expect(hint).toContain(part)
  })

  test('never proposes to install a module that the repository has', () => {
    expect(text).not.toContain('package that provides')
  })

  test('a module that takes over five seconds is named', async () => {
    const { flowstore } = field({
      'flows/a.py': `import time\ntime.sleep(5.1)\n${oneFlow('a')}`,
      'flows/b.py': oneFlow('b')
    })
    const ended = await flowstore(build)
    expect([ended.code, ended.text]).toEqual([
      0,
      expect.stringMatching(/The import of flows\/a\.py took 5\.\d s/)
    ])
    expect(ended.text).not.toContain('The import of flows/b.py')
  }, 60_000)
})

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a load in a container', bed => {
  const build = [
    ...['build', 'flows', '--base-image', bed.prefectBase],
    ...['--registry-url', bed.registry.url]
  ]

  test('variables for the load alone are not in the image, and a new value builds it anew', async () => {
    const { flowstore } = field({ 'flows/a.py': NEEDS_KEY })
    const named = [...build, '--image-name', freshName('calls'), '--load-env-vars', 'API_KEY']
    const first = await flowstore(named, { API_KEY: SECRET })
    expect([first.code, first.text]).toEqual([0, expect.stringContaining('1 flow')])
    expect(allText(first)).not.toContain(SECRET)
    const image = /Image: (\S+)/.exec(first.text)?.[1] ?? ''
    expect(await run('docker', ['pull', '--quiet', image])).toMatchObject({ code: 0 })
    const inspected = await run('docker', ['image', 'inspect', image])
    const history = await run('docker', ['history', '--no-trunc', image])
    expect(`${inspected.stdout}${history.stdout}`).toContain('flowstore')
    expect(`${inspected.stdout}${history.stdout}`).not.toContain(SECRET)
    expect(await inImage(image, `grep -rl ${SECRET} /opt || echo none`)).toBe('none\n')
    expect((await flowstore(named, { API_KEY: SECRET })).text).toContain('Unchanged')
    const other = await flowstore(named, { API_KEY: 'another value' })
    expect([other.code, other.text]).toEqual([0, expect.not.stringContaining('Unchanged')])
  }, 180_000)

  test.each(['root', 'nobody'])(
    'its own name has an address, which packages ask for when they are imported, as %s',
    async user => {
      const { flowstore } = field({
        'flows/a.py': `import socket\nsocket.getaddrinfo(socket.gethostname(), 80)\n${oneFlow('a')}`,
        Dockerfile: `FROM ${bed.prefectBase}\nUSER ${user}\n`
      })
      const ended = await flowstore([
        ...['build', 'flows', '--dockerfile', 'Dockerfile', '--push', 'false'],
        ...['--image-name', freshName('calls')]
      ])
      expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('1 flow')])
    },
    180_000
  )

  test('a call of the network fails at once, without the retries of Prefect', async () => {
    const call = `import time, prefect
start = time.time()
try:
    prefect.Client(api_server="http://api.example.test").graphql("query{hello}")
finally:
    print("failed after", time.time() - start)
    assert time.time() - start < 5, "retried"
`
    const { flowstore } = field({ 'flows/a.py': call, 'flows/b.py': call })
    const ended = await flowstore([...build, '--image-name', freshName('calls')])
    expect([ended.code, ended.text]).toEqual([
      3,
      expect.stringMatching(/no network while flows are loaded|API can't be used/)
    ])
    expect(ended.text).not.toContain('retried')
  }, 180_000)
})
