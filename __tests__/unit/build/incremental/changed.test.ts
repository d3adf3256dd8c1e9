import { expect, test } from '@jest/globals'
import { loadChanged, type IncrementalLoad } from '../../../../src/build/incremental/changed.js'
import { loadFlows } from '../../../../src/flows/load.js'
import type { EarlierLoads, LoadRecords } from '../../../../src/image/load-records.js'
import { silentLog } from '../../../../src/log.js'
import type { PythonLoader } from '../../../../src/python/loader.js'
import { PROTOCOL, type LoadResult } from '../../../../src/python/protocol/protocol.js'
import { sha256 } from '../../../../src/util/hash.js'
import { NOTHING_LOADED, NOTHING_SHARED, ONE_FLOW } from '../../../helpers/load-results.js'

const VERSIONS = { python: '3.9.18', prefect: '0.12.0', cloudpickle: '3.1.2' }
const MODULES = ['a.py', 'b.py'].map(file => ({ file, flows: null, explicit: false }))

type Seen = NonNullable<LoadResult['seen']>

/** What a module is: the default of its flow's parameter, what its load does, and that beside others. */
interface Module {
  readonly value: string
  readonly seen?: Partial<Seen>
  readonly beside?: string
  readonly problem?: string
}

type Modules = Readonly<Record<string, Module>>

const SAME: Modules = { 'a.py': { value: '1' }, 'b.py': { value: '2' } }

/** A loader of modules as values; it records which are loaded at a time. */
function loader(modules: Modules, loads: string[][]): PythonLoader {
  return {
    load: request => {
      const files = request.modules.map(({ file }) => file)
      loads.push(files)
      const together = files.length > 1
      const known = files.map(file => ({ file, ...(modules[file] ?? { value: '' }) }))
      const flows = known.map(({ file, value, beside = value }) => ({
        ...ONE_FLOW,
        ...{ name: file, module: file, file: `flows/${file}` },
        closure: { files: [file], data: [], open: null },
        parameters: [{ name: 'p', required: false, default: together ? beside : value }]
      }))
      const seen = Object.assign(
        { files, why: null, changes: null, folders: ['/tmp/run'], ...NOTHING_SHARED },
        ...known.map(each => each.seen ?? {})
      ) as Seen
      const problems = known.flatMap(({ file, problem }): LoadResult['problems'] =>
        problem === undefined
          ? []
          : [
              {
                ...{ code: 'MODULE_IMPORT', message: problem, file, line: 1 },
                ...{ detail: null, hint: null, absent: [] }
              }
            ]
      )
      const result: LoadResult = {
        ...{ protocol: PROTOCOL, action: 'load', versions: VERSIONS },
        ...NOTHING_LOADED,
        ...{ flows, seen, problems }
      }
      const pickles = known.map(({ file, value }) => [`flows/${file}`, Buffer.from(value)] as const)
      return Promise.resolve({ result, files: new Map(pickles), log: '' })
    }
  }
}

/** A build of modules: its key of a module is the module. */
async function build(
  modules: Modules,
  earlier: EarlierLoads | string = 'there is none',
  isLoadedAgain = false
): Promise<IncrementalLoad & { readonly loads: string[][] }> {
  const loads: string[][] = []
  const python = loader(modules, loads)
  const options = { modules: MODULES, helpers: 'reference' } as const
  const built = await loadChanged({
    ...{ python, options, earlier, log: silentLog() },
    keys: { common: 'c', keyNow: ({ file }) => JSON.stringify(modules[file]) },
    loadAll: () => loadFlows(python, { ...options, observe: true }),
    isLoadedAgain: () => isLoadedAgain
  })
  return { ...built, loads }
}

function earlierOf({ records, loaded }: IncrementalLoad): EarlierLoads {
  const pickles = loaded.flows.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]))
  return {
    records: JSON.parse(JSON.stringify(records)) as LoadRecords,
    pickles: new Map(pickles.map(pickle => [sha256(pickle), pickle])),
    checkedIn: 'cell'
  }
}

const contentOf = ({ loaded }: IncrementalLoad): string[] =>
  loaded.flows.map(({ bytes }) => String(bytes))

test('a build without an earlier one loads all modules together, then each by itself', async () => {
  const { loads, modules, taken } = await build(SAME)
  expect(loads).toEqual([['a.py', 'b.py'], ['a.py'], ['b.py']])
  expect(modules).toEqual({ loaded: 2, taken: 0 })
  expect(taken.flows.size).toBe(0)
})

test('a later build loads the modules that changed, and takes the flows of the others', async () => {
  const earlier = earlierOf(await build(SAME))
  const later = await build({ ...SAME, 'b.py': { value: '3' } }, earlier)
  expect(later.loads).toEqual([['b.py']])
  expect(contentOf(later)).toEqual(['1', '3'])
  expect(later.modules).toEqual({ loaded: 1, taken: 1 })
  expect(later.taken).toEqual({ flows: new Set(['a.py']), checkedIn: 'cell' })
  const last = await build({ ...SAME, 'b.py': { value: '3' } }, earlierOf(later))
  expect(last.loads).toEqual([])
  expect(contentOf(last)).toEqual(['1', '3'])
})

test('a module of which a pickle is absent is loaded', async () => {
  const earlier = earlierOf(await build(SAME))
  const { loads } = await build(SAME, {
    ...earlier,
    pickles: new Map([...earlier.pickles].slice(1))
  })
  expect(loads).toEqual([['a.py']])
})

test('a module whose load may have seen more is loaded each time', async () => {
  const modules = { ...SAME, 'a.py': { value: '1', seen: { why: 'it uses the network' } } }
  const { loads } = await build(modules, earlierOf(await build(modules)))
  expect(loads).toEqual([['a.py']])
})

test('a module whose flow names a folder of the run is loaded each time', async () => {
  const modules = { ...SAME, 'a.py': { value: '/tmp/run/data.txt' } }
  const { loads } = await build(modules, earlierOf(await build(modules)))
  expect(loads).toEqual([['a.py']])
})

const WRITING = { value: '3', seen: { why: 'it changes x', changes: 'it changes x' } }

test('if a module changes what others see, all are loaded together', async () => {
  const later = await build({ ...SAME, 'b.py': WRITING }, earlierOf(await build(SAME)))
  expect(later.loads).toEqual([['b.py'], ['a.py', 'b.py']])
  expect(later.modules).toEqual({ loaded: 2, taken: 0 })
})

test('they are loaded together until that module changes', async () => {
  const writing = await build({ ...SAME, 'b.py': WRITING })
  const again = await build({ 'a.py': { value: '9' }, 'b.py': WRITING }, earlierOf(writing))
  expect(again.loads).toEqual([['a.py', 'b.py']])
  const mended = await build(SAME, earlierOf(again))
  expect(mended.loads).toEqual([['a.py', 'b.py'], ['a.py'], ['b.py']])
})

test('a module whose flow is another one beside others has them all loaded together', async () => {
  const modules = { ...SAME, 'b.py': { value: '2', beside: '3' } }
  const first = await build(modules)
  expect(first.records?.together?.why).toBe('other modules change the flow "b.py"')
  expect((await build(modules, earlierOf(first))).loads).toEqual([['a.py', 'b.py']])
})

test('a module that can’t be loaded is told by a load of all', async () => {
  const modules = { ...SAME, 'b.py': { value: '2', problem: 'no module' } }
  const { loads, loaded } = await build(modules, earlierOf(await build(SAME)))
  expect(loads).toEqual([['b.py'], ['a.py', 'b.py']])
  expect(loaded.problems).toHaveLength(1)
})

test('if what modules set needs another environment, they are loaded once there', async () => {
  const { loads, records } = await build(SAME, 'there is none', true)
  expect(loads).toEqual([['a.py', 'b.py']])
  expect(records).toBeUndefined()
})
