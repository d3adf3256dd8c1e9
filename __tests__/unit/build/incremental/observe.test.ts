import { expect, test } from '@jest/globals'
import { observeModules } from '../../../../src/build/incremental/observe.js'
import { FlowstoreError } from '../../../../src/errors.js'
import type { PythonLoader } from '../../../../src/python/loader.js'
import {
  PROTOCOL,
  type LoadProblem,
  type LoadResult
} from '../../../../src/python/protocol/protocol.js'
import { NOTHING_LOADED, NOTHING_SHARED, ONE_FLOW } from '../../../helpers/load-results.js'

const VERSIONS = { python: '3.9.18', prefect: '0.12.0', cloudpickle: '3.1.2' }
const SEEN = {
  files: ['a.py'],
  why: null,
  changes: null,
  folders: ['/tmp/root'],
  ...NOTHING_SHARED
}
const MODULES = ['a.py', 'b.py'].map(file => ({ file, flows: null, explicit: false }))
const OPTIONS = { modules: MODULES, helpers: 'reference' } as const

type Request = Parameters<PythonLoader['load']>[0]

/** A loader that answers each load with fields of a result. */
const loader = (
  answer: (request: Request) => Partial<LoadResult>,
  requests: Request[] = []
): PythonLoader => ({
  load: request => {
    requests.push(request)
    const result: LoadResult = {
      ...{ protocol: PROTOCOL, action: 'load', versions: VERSIONS },
      ...NOTHING_LOADED,
      seen: SEEN,
      ...answer(request)
    }
    const files = new Map([['flows/0.pickle', Buffer.from('x')]])
    return Promise.resolve({ result, files, log: '' })
  }
})

const flowOf = (parameter: string): LoadResult['flows'][number] => ({
  ...ONE_FLOW,
  parameters: [{ name: 'p', required: false, default: parameter }]
})

test('each module is loaded alone, beside the others, and observed', async () => {
  const requests: Request[] = []
  await observeModules(
    loader(() => ({ flows: [ONE_FLOW] }), requests),
    OPTIONS
  )
  expect(
    requests.map(({ modules, beside, observe }) => [modules.map(m => m.file), beside, observe])
  ).toEqual([
    [['a.py'], ['b.py'], true],
    [['b.py'], ['a.py'], true]
  ])
})

test('a flow that differs has another structure, and one that only names the folder of the run has not', async () => {
  const structureIn = async (folder: string, parameter: string) => {
    const answer = { flows: [flowOf(parameter)], seen: { ...SEEN, folders: [folder] } }
    const [module] = await observeModules(
      loader(() => answer),
      OPTIONS
    )
    return module?.flows['one']
  }
  const structure = await structureIn('/tmp/1', '/tmp/1/a.txt')
  expect(await structureIn('/tmp/2', '/tmp/2/a.txt')).toBe(structure)
  expect(await structureIn('/tmp/2', '/tmp/2/b.txt')).not.toBe(structure)
})

test('a module without a flow is known too', async () => {
  const [module] = await observeModules(
    loader(() => ({})),
    OPTIONS
  )
  expect(module).toMatchObject({ why: null, flows: {} })
})

test('a module that can’t be loaded alone may have done anything', async () => {
  const problem: LoadProblem = {
    code: 'MODULE_IMPORT',
    message: 'No module named x',
    file: 'a.py',
    line: 1,
    detail: null,
    hint: null,
    absent: []
  }
  const ended = (): never => {
    throw new FlowstoreError('LOAD_LIMIT', 'too long')
  }
  for (const answer of [() => ({ problems: [problem] }), () => ({ seen: null }), ended]) {
    const [module] = await observeModules(loader(answer), OPTIONS)
    expect(module?.why).toMatch(/alone|not observed/)
    expect(module?.changes).toBe(module?.why)
  }
})
