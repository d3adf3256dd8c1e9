import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { storageOptions } from '../../../src/options/storage-options.js'
import { loadFlows } from '../../../src/flows/load.js'
import { callNotice, missingNotice, revealedNotice } from '../../../src/flows/messages.js'
import type { Loaded, PythonLoader } from '../../../src/python/loader.js'
import {
  loadResultSchema,
  PROTOCOL,
  type LoadResult
} from '../../../src/python/protocol/protocol.js'
import { NOTHING_LOADED, ONE_FLOW } from '../../helpers/load-results.js'

type Request = Parameters<PythonLoader['load']>[0]

const MODULES = [{ file: 'flows.py', flows: null, explicit: true }]
const VERSIONS = { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2' }

const FLOW = { ...ONE_FLOW, name: 'nightly', slug: 'nightly', module: 'flows.py', line: 9 }

/** A Python that gives one answer, and what it was asked. */
function answering(result: Partial<LoadResult>, files: Loaded['files'] = new Map()) {
  const asked: Request[] = []
  const python: PythonLoader = {
    load: request => {
      asked.push(request)
      return Promise.resolve({
        result: {
          protocol: PROTOCOL,
          action: 'load',
          versions: VERSIONS,
          ...NOTHING_LOADED,
          ...result
        },
        files,
        log: 'printed'
      })
    }
  }
  return { python, asked }
}

const PICKLE = new Map([['flows/0.pickle', Buffer.from('pickle')]])

test('a flow comes with its bytes, its versions, and what its module declares', async () => {
  const { python, asked } = answering({ flows: [FLOW] }, PICKLE)
  const { flows, problems, log } = await loadFlows(python, { modules: MODULES, helpers: 'value' })
  expect(flows).toEqual([
    {
      name: 'nightly',
      slug: 'nightly',
      module: 'flows.py',
      line: 9,
      parameters: [],
      imports: {},
      storage: null,
      runImage: null,
      closure: { files: ['a.py'], data: [], open: null },
      bytes: Buffer.from('pickle'),
      versions: VERSIONS,
      serialized: undefined
    }
  ])
  expect([problems, log]).toEqual([[], 'printed'])
  expect(asked).toEqual([
    {
      modules: MODULES,
      variables: {},
      beside: [],
      observe: false,
      importRoots: [],
      helpers: 'value',
      carriedTo: null,
      leftOut: [],
      pickleProtocols: [{ since: '0.14.3', protocol: 4 }],
      storageOptions: storageOptions(),
      expect: null,
      flowsJson: null
    }
  ])
})

test('with labels, each flow is also requested in the form that prefect register reads', async () => {
  const files = new Map([...PICKLE, ['flows/0.json', Buffer.from('{"name": "\\"nightly\\""}')]])
  const { python, asked } = answering({ flows: [{ ...FLOW, serialized: 'flows/0.json' }] }, files)
  const { flows } = await loadFlows(python, {
    modules: MODULES,
    helpers: 'reference',
    storageLabels: ['builder']
  })
  expect(asked[0]?.flowsJson).toEqual({
    since: '0.14.13',
    labelsSince: '0.14.21',
    labels: ['builder']
  })
  expect(flows[0]).toMatchObject({ serialized: { name: '"nightly"' } })
})

test('a flow without its serialized fields is LOAD_FAILED, for releases that read flows.json', async () => {
  const options = { modules: MODULES, helpers: 'value', storageLabels: [] } as const
  await expect(
    loadFlows(answering({ flows: [FLOW] }, PICKLE).python, options)
  ).rejects.toMatchObject({ code: 'LOAD_FAILED', file: 'flows.py', line: 9 })
  const old = { ...VERSIONS, prefect: '0.14.12' }
  const { flows } = await loadFlows(
    answering({ flows: [FLOW], versions: old }, PICKLE).python,
    options
  )
  expect(flows).toHaveLength(1)
})

test('a flow that Prefect can’t serialize has no fields, which is no error', async () => {
  const options = { modules: MODULES, helpers: 'value', storageLabels: [] } as const
  const problem = {
    code: 'FLOW_SERIALIZE' as const,
    message: 'Flow "nightly" can\'t be serialized',
    file: 'flows.py',
    line: 9,
    detail: null,
    hint: null,
    absent: []
  }
  const answer = answering({ flows: [FLOW], unregistrable: [problem] }, PICKLE)
  const { flows } = await loadFlows(answer.python, options)
  expect(flows).toMatchObject([{ serialized: undefined }])
})

test('finding no flow is a problem, unless a module has one already', async () => {
  const options = { modules: MODULES, helpers: 'value' } as const
  const none = await loadFlows(answering({}).python, options)
  expect(none.problems).toEqual([
    expect.objectContaining({ code: 'FLOW_NOT_FOUND', message: 'no flow in flows.py' })
  ])
  const problem = {
    code: 'MODULE_IMPORT' as const,
    message: 'does not import',
    file: 'flows.py',
    line: 2,
    detail: null,
    hint: null,
    absent: []
  }
  const broken = await loadFlows(answering({ problems: [problem] }).python, options)
  expect(broken.problems.map(({ code }) => code)).toEqual(['MODULE_IMPORT'])
})

test('an interpreter that differs from the expected one loads no flow', async () => {
  const differences = [{ what: 'python', expected: '3.9', found: '3.10' }]
  const found = await loadFlows(answering({ differences, versions: null }).python, {
    modules: MODULES,
    helpers: 'value'
  })
  expect(found).toMatchObject({ differences, flows: [], problems: [] })
})

test('a pickle that the loader names but did not write is LOAD_FAILED', async () => {
  const { python } = answering({ flows: [FLOW] })
  await expect(loadFlows(python, { modules: MODULES, helpers: 'value' })).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    message: 'flows/0.pickle of flow "nightly" is missing'
  })
})

test('an import that can’t be resolved becomes a warning with its file and line', () => {
  const missing = { module: 'pandas', flows: ['a'], file: 'flows/a.py', line: 3 }
  expect(missingNotice(missing)).toEqual({
    level: 'warning',
    message:
      `the module 'pandas' is neither in the repository nor installed, and flow "a" may import it ` +
      'at run time: add its package to python-dependencies',
    file: 'flows/a.py',
    line: 3
  })
  const many = missingNotice({ ...missing, flows: ['a', 'b', 'c', 'd', 'e', 'f'] })
  expect(many.message).toContain('flows "a", "b", "c", "d", "e", ... (6) may import it')
})

test('the load result’s schema checks missing modules and imports', () => {
  const { missing, flows } = loadResultSchema.shape
  const [pickled] = flows.element.options
  expect(missing.safeParse([{ module: 'a', flows: [], file: 'b.py', line: 1 }]).success).toBe(true)
  expect(missing.safeParse([{ module: 'a', flows: 'b', file: 'b.py', line: 1 }]).success).toBe(
    false
  )
  expect(pickled.shape.imports.safeParse({ a: { file: 'b.py', line: 'c' } }).success).toBe(false)
})

test('the values of variables are hidden in what modules printed, in problems and in places', async () => {
  const problem = {
    code: 'MODULE_IMPORT' as const,
    message: 'KeyError: hunter2-hunter2',
    file: 'flows.py',
    line: 2,
    detail: 'raise KeyError("hunter2-hunter2")',
    hint: 'not hunter2-hunter2',
    absent: []
  }
  const { python, asked } = answering({
    problems: [problem],
    revealed: [{ variable: 'KEY', flow: 'a', where: "constants > ['hunter2-hunter2']" }]
  })
  const printing: PythonLoader = {
    load: async request => ({ ...(await python.load(request)), log: 'is hunter2-hunter2' })
  }
  const variables = { KEY: 'hunter2-hunter2' }
  const loaded = await loadFlows(printing, { modules: MODULES, variables, helpers: 'value' })
  expect(asked[0]?.variables).toEqual(variables)
  expect(loaded.log).toBe('is ***')
  expect(loaded.problems).toEqual([
    expect.objectContaining({
      message: 'KeyError: ***',
      detail: 'raise KeyError("***")',
      hint: 'not ***'
    })
  ])
  expect(loaded.revealed).toEqual([{ variable: 'KEY', flow: 'a', where: "constants > ['***']" }])
})

test('the values of variables are hidden in the error of a Python that gives no result', async () => {
  const failing: PythonLoader = {
    load: () =>
      Promise.reject(
        new FlowstoreError('LOAD_FAILED', 'Python ended', { detail: 'hunter2-hunter2', hint: 'h' })
      )
  }
  const variables = { KEY: 'hunter2-hunter2' }
  await expect(
    loadFlows(failing, { modules: MODULES, variables, helpers: 'value' })
  ).rejects.toMatchObject({ code: 'LOAD_FAILED', detail: '***', hint: 'h' })
})

test('a call without an effect is a notice with its file and line', () => {
  expect(callNotice({ call: 'flow.run()', file: 'flows/a.py', line: 3 })).toEqual({
    level: 'notice',
    message: expect.stringContaining('`flow.run()` has no effect while flows are loaded'),
    file: 'flows/a.py',
    line: 3
  })
})

test('a value in a flow is a warning at the line of the flow, which names the place', () => {
  const found = { variable: 'KEY', flow: 'a', where: 'task "t" > run > KEY' }
  expect(revealedNotice(found, { module: 'flows/a.py', line: 3 })).toEqual({
    level: 'warning',
    message: expect.stringContaining('KEY of load-env-vars (task "t" > run > KEY)'),
    file: 'flows/a.py',
    line: 3
  })
})
