import { expect, test } from '@jest/globals'
import { mergeLoads } from '../../../../src/build/incremental/merge.js'
import type { LoadedFlows } from '../../../../src/flows/load.js'
import { NOTHING_SHARED } from '../../../helpers/load-results.js'
import { loadedFlow, loadedFlows } from '../../../helpers/stages.js'

type Seen = NonNullable<LoadedFlows['seen']>

const flowOf = (name: string, module: string) => ({
  ...loadedFlow(name),
  module,
  closure: { files: [module], data: [], open: null }
})

/** The load of a module with a flow of its name. */
const load = (
  file: string,
  more: Partial<LoadedFlows> = {},
  seen: Partial<Seen> = {}
): { readonly file: string; readonly loaded: LoadedFlows } => ({
  file,
  loaded: {
    ...loadedFlows([flowOf(file, file)]),
    seen: { files: [file], why: null, changes: null, folders: [], ...NOTHING_SHARED, ...seen },
    ...more
  }
})

const merged = (...loads: readonly ReturnType<typeof load>[]): LoadedFlows => {
  const found = mergeLoads(loads)
  if (typeof found === 'string') throw new Error(found)
  return found
}

const missing = (...flows: string[]) => ({ module: 'x', file: 'lib.py', line: 3, flows })

test('the flows are in the order of the modules, and findings of one place are one', () => {
  const { flows, missing: found } = merged(
    load('b', { missing: [missing('b')] }),
    load('a', { missing: [missing('a')] })
  )
  expect(flows.map(({ name }) => name)).toEqual(['b', 'a'])
  expect(found).toEqual([missing('b', 'a')])
})

test('a flow that another flow module imports is that module’s', () => {
  const copy = load('a', {
    flows: [flowOf('a', 'a'), flowOf('b', 'b')],
    missing: [missing('a', 'b'), { ...missing('b'), line: 9 }]
  })
  const { flows, missing: found } = merged(copy, load('b'))
  expect(flows.map(({ name, module }) => [name, module])).toEqual([
    ['a', 'a'],
    ['b', 'b']
  ])
  expect(found).toEqual([missing('a')])
})

test.each<[string, readonly ReturnType<typeof load>[], RegExp]>([
  ['two flows of one name', [load('a'), load('b', { flows: [flowOf('a', 'b')] })], /"a" is in a/],
  [
    'a module that only has flows of others',
    [load('a', { flows: [flowOf('b', 'b')] }), load('b')],
    /a only has flows of other/
  ],
  ['no flow', [load('a', { flows: [] })], /no module has a flow/],
  [
    'a file that goes into pickles of one alone',
    [
      load('a', { inPickles: ['lib.py'] }),
      load('b', { helpers: [{ file: 'lib.py', path: 'lib.py' }] })
    ],
    /lib.py goes into pickles of a, not of b/
  ],
  [
    'two files with one place',
    [
      load('a', { helpers: [{ file: 'x/lib.py', path: 'lib.py' }] }),
      load('b', { helpers: [{ file: 'y/lib.py', path: 'lib.py' }] })
    ],
    /x\/lib.py and y\/lib.py go to lib.py/
  ],
  [
    'a name that is a package for one alone',
    [
      load('a', { helpers: [{ file: 'lib.py', path: 'lib.py' }] }),
      load('b', { helpers: [{ file: 'lib/x.py', path: 'lib/x.py' }] })
    ],
    /lib is a package for one module/
  ],
  [
    'a name that is another package for one',
    [
      load('a', { helpers: [{ file: 'lib/x.py', path: 'lib/x.py' }] }),
      load('b', {}, { foreign: ['lib'] })
    ],
    /lib is also the name of another package/
  ],
  [
    'loads of two releases',
    [
      load('a'),
      load('b', { versions: { python: '3.9.18', prefect: '1.4.0', cloudpickle: '3.1.2' } })
    ],
    /another release has loaded b/
  ]
])('%s can only be told by a load of all', (_, loads, why) => {
  expect(mergeLoads(loads)).toMatch(why)
})

const FLOWLESS = { file: 'f', seen: ['the function `make` builds a flow'], factories: ['make'] }
const factories = (...names: string[]) =>
  load('f', { flows: [], flowless: [FLOWLESS] }, { builders: { f: names.map(name => [name]) } })
const calls = (name: string) => load('a', {}, { called: [{ file: 'f', name }] })

test('a function that another module calls builds its flow', () => {
  expect(merged(factories('make'), calls('other')).flowless).toEqual([FLOWLESS])
  expect(merged(factories('make'), calls('make')).flowless).toEqual([
    { file: 'f', seen: [], factories: [] }
  ])
  expect(mergeLoads([factories('make', 'more'), calls('make')])).toMatch(/call functions of f/)
})
