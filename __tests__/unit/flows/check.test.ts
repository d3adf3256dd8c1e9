import { expect, test } from '@jest/globals'
import { healthcheck } from '../../../src/flows/check.js'
import { silentLog } from '../../../src/log.js'
import { DockerStorage } from '../../../src/storage/docker.js'
import { plainDetails } from '../../helpers/flows.js'
import { checked, checkedFlow } from '../../helpers/stages.js'
import type { PythonChecker } from '../../../src/python/loader.js'
import type { EntrypointFlow, Flow, PickleFlow } from '../../../src/flows/flow.js'
import type { ReadableFlow } from '../../../src/python/protocol/readable-flow.js'

const flow: PickleFlow = {
  name: 'nightly',
  slug: 'nightly',
  bytes: Buffer.alloc(0),
  module: 'flows/nightly.py',
  line: 9,
  parameters: [],
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' },
  imports: { pandas: { file: 'flows/helpers.py', line: 2 } }
}

const stored = ({ name }: Flow): ReadableFlow => ({
  kind: 'bytes',
  name,
  bytes: Buffer.alloc(0),
  content: 'pickle'
})

const storage = new DockerStorage({ imageName: 'flows', imageTag: 'v1' })

/** A healthcheck of flows in docker storage. */
const check = (
  python: PythonChecker,
  flows: readonly Flow[] = [flow],
  form: (flow: Flow) => ReadableFlow = stored,
  log = silentLog()
) => healthcheck(python, storage, flows, form, log)

/** A Python in which every flow is as `more` says. */
const giving = (more: Parameters<typeof checkedFlow>[1]): PythonChecker => ({
  check: flows => Promise.resolve(checked(flows.map(({ name }) => checkedFlow(name, more))))
})

/** A Python in which flows don't load back, because it lacks a module. */
const without = (module: string): PythonChecker =>
  giving({
    ok: false,
    error: `ModuleNotFoundError: No module named '${module}'`,
    missingModule: module
  })

test('a module that needs Prefect’s API is told that a run has one', async () => {
  const python = giving({ ok: false, error: 'ValueError: No Prefect API URL provided. Please' })
  await expect(check(python)).rejects.toMatchObject({
    hint: expect.stringContaining('set healthcheck: false')
  })
})

test('a failing healthcheck names the module, the flow, and the line that imports it', async () => {
  await expect(check(without('pandas'))).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: `flow "nightly" does not load back: ModuleNotFoundError: No module named 'pandas'`,
    file: 'flows/helpers.py',
    line: 2,
    hint: expect.stringContaining("'pandas', which flows/helpers.py:2 imports,")
  })
})

test('a failing healthcheck names the line of the flow if no import of the module is known', async () => {
  for (const module of ['numpy', 'constructor']) {
    await expect(check(without(module))).rejects.toMatchObject({
      file: 'flows/nightly.py',
      line: 9,
      hint: expect.stringContaining(`'${module}' at run time`)
    })
  }
})

test('a flow that comes back under another name fails the healthcheck', async () => {
  const python: PythonChecker = {
    check: flows => Promise.resolve(checked(flows.map(() => checkedFlow('nightly'))))
  }
  await check(python)
  const both = [flow, { ...flow, name: 'hourly' }]
  await expect(check(python, both)).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: 'flow "hourly" does not load back: no reason given'
  })
})

test('a flow with other parameters than it was found with does not load back', async () => {
  const details = (type: string) => plainDetails({ properties: { day: { type } } })
  const { name, module, line, versions } = flow
  const found: EntrypointFlow = {
    ...{ name, module, line, versions, details: details('string') },
    entrypoint: 'flows/nightly.py:nightly'
  }
  const answers = (type: string): PythonChecker => ({
    check: () => Promise.resolve(checked([{ ...checkedFlow('nightly'), details: details(type) }]))
  })
  await check(answers('string'), [found])
  await expect(check(answers('integer'), [found])).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: expect.stringContaining('has other parameters when it is loaded by its entrypoint'),
    file: module,
    line
  })
})

test('Python gets a flow’s file or its bytes, and the form of their content', async () => {
  const asked: unknown[] = []
  const python: PythonChecker = {
    check: flows => {
      asked.push(...flows)
      return Promise.resolve(checked([]))
    }
  }
  const name = 'nightly'
  const bytes = Buffer.from('content')
  const forms: ReadableFlow[] = [
    { kind: 'file', name, path: '/opt/nightly.prefect', content: 'envelope' },
    { kind: 'bytes', name, bytes, content: 'pickle' },
    { kind: 'bytes', name, bytes, content: 'source' }
  ]
  for (const form of forms) await check(python, [flow], () => form).catch(() => undefined)
  const { module, line } = flow
  expect(asked).toEqual(forms.map(form => ({ ...form, module, line })))
})

test('what Prefect’s own checks warn of is a warning at the flow', async () => {
  const log = silentLog()
  await check(giving({ warnings: ['Task x has no result'] }), [flow], stored, log)
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: 'flow "nightly": Task x has no result',
      file: 'flows/nightly.py',
      line: 9
    }
  ])
})

test('a flow that Prefect’s own checks refuse fails the healthcheck', async () => {
  await expect(check(giving({ refused: 'Task x has no result' }))).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: 'flow "nightly" does not pass Prefect\'s own check: Task x has no result',
    file: 'flows/nightly.py',
    line: 9
  })
})

test('a flow that Prefect can’t serialize is a warning: it runs, but can’t be registered', async () => {
  const log = silentLog()
  await check(giving({ unserializable: 'TypeError: x' }), [flow], stored, log)
  expect(log.notices.map(({ message }) => message)).toEqual([
    'flow "nightly" can\'t be registered: Prefect 1.4.1 can\'t serialize it: TypeError: x'
  ])
})

test('a storage that Prefect can’t read fails the healthcheck, with a hint about packages', async () => {
  const python: PythonChecker = { check: () => Promise.resolve(checked([], 'TypeError: x')) }
  await expect(check(python)).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    message: "Prefect 1.4.1 can't read the storage: TypeError: x",
    hint: expect.stringContaining('marshmallow')
  })
})

test.each([
  ['0.5.4', { serialize: true, results: false }],
  ['0.9.8', { serialize: true, results: true }],
  ['1.4.1', { serialize: false, results: true }]
])(
  'Prefect %s is asked what its builds ask, and for the storage’s JSON',
  async (release, asked) => {
    const seen: unknown[] = []
    const python: PythonChecker = {
      check: (_flows, checks) => {
        seen.push({
          ...checks,
          storage: (JSON.parse(checks.storage ?? '') as { type: string }).type
        })
        return Promise.resolve(checked([]))
      }
    }
    const docker = new DockerStorage({ release, imageName: 'flows', imageTag: 'v1' })
    await healthcheck(python, docker, [], stored, silentLog())
    expect(seen).toEqual([{ storage: 'Docker', ...asked }])
  }
)

test('a flow that needs a variable of the load when it is read back is told where to read it', async () => {
  const lacking = giving({
    ok: false,
    error: "KeyError: 'API_KEY'",
    detail: `  File "/usr/lib/python3.9/os.py", line 679, in __getitem__\n    raise KeyError(key) from None`
  })
  await expect(check(lacking)).rejects.toMatchObject({
    code: 'HEALTHCHECK',
    hint: expect.stringContaining('without those of load-env-vars')
  })
})
