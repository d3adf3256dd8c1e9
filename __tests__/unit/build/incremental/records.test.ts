import { expect, test } from '@jest/globals'
import type { ObservedModule } from '../../../../src/build/incremental/observe.js'
import { compareRecords, loadKeys, recordsOf } from '../../../../src/build/incremental/records.js'
import { listSources } from '../../../../src/sources/listing.js'
import { repository } from '../../../helpers/flowstore.js'
import { inputsOf } from '../../../helpers/stages.js'

const observed = (file: string, more: Partial<ObservedModule> = {}): ObservedModule => ({
  file,
  inputs: [file],
  why: null,
  changes: null,
  flows: { [file]: 'same' },
  loaded: null,
  ...more
})

const ALONE = { flows: {}, changes: null }
const keyed = ({ file }: { readonly file: string }): string => `key of ${file}`
const A = observed('a.py')
const B = observed('b.py')

const whyOf = (...args: Parameters<typeof recordsOf>): (string | null)[] =>
  recordsOf(...args).map(({ why }) => why)

test('a module of which all is known gets a key', () => {
  expect(recordsOf([A], ALONE, keyed)).toEqual([
    {
      file: 'a.py',
      inputs: ['a.py'],
      key: 'key of a.py',
      why: null,
      flows: { 'a.py': 'same' },
      load: null
    }
  ])
})

test('a module that may have seen more has no key', () => {
  expect(whyOf([observed('a.py', { why: 'it uses the network' }), B], ALONE, keyed)).toEqual([
    'it uses the network',
    null
  ])
})

test('a module that reads a file outside the sources has no key', () => {
  expect(whyOf([A], ALONE, () => undefined)).toEqual(['it reads a file that is no source'])
})

test('if a module changes what others see, no module has a key', () => {
  const changing = observed('b.py', { why: 'it changes x', changes: 'it changes x' })
  expect(whyOf([A, changing], ALONE, keyed)).toEqual(['b.py: it changes x', 'it changes x'])
})

test('if all modules together change what others see, no module has a key', () => {
  expect(whyOf([A], { flows: {}, changes: 'it changes x' }, keyed)).toEqual(['it changes x'])
})

test('a module whose flow is another one beside other modules has no key', () => {
  const together = { flows: { 'a.py': 'other', 'b.py': 'same' }, changes: null }
  expect(whyOf([A, B], together, keyed)).toEqual(['other modules change its flow "a.py"', null])
})

const RECORDS = recordsOf([A, B], ALONE, keyed)

test('records of the same keys are used, and a flow that differs is told', () => {
  const now = [A, observed('b.py', { flows: { 'b.py': 'other', new: 'x' } })]
  const { reused, wrong, loaded } = compareRecords(RECORDS, now, keyed)
  expect(reused).toEqual(['a.py', 'b.py'])
  expect(wrong).toEqual([
    { file: 'b.py', flow: 'b.py' },
    { file: 'b.py', flow: 'new' }
  ])
  expect(loaded.size).toBe(0)
})

test('what has changed, is new, or was not known, is loaded', () => {
  const records = recordsOf([A, observed('b.py', { why: 'it uses the network' })], ALONE, keyed)
  const now = [A, B, observed('c.py')]
  const { reused, loaded } = compareRecords(records, now, () => 'another key')
  expect(reused).toEqual([])
  expect([...loaded]).toEqual([
    ['a.py', 'it has changed'],
    ['b.py', 'it uses the network'],
    ['c.py', 'there is no record of it']
  ])
})

test('if a module begins to change what others see, all are loaded', () => {
  const now = [A, observed('b.py', { changes: 'it changes x' })]
  expect([...compareRecords(RECORDS, now, keyed).loaded]).toEqual([
    ['a.py', 'b.py: it changes x'],
    ['b.py', 'b.py: it changes x']
  ])
})

/** The key of a module that opened a file of its own and `lib.py`. */
async function keyWith(files: Readonly<Record<string, string>>) {
  const sources = await listSources(
    repository({ 'a.py': '1', 'lib.py': '1', 'other.py': '1', ...files })
  )
  const { keyNow } = await loadKeys({ ...inputsOf(), sources }, null, 'interpreter')
  return keyNow({ file: 'a.py', inputs: ['a.py', 'lib.py'] })
}

test('a key changes with the content of what was opened, and with the path of any source', async () => {
  const key = await keyWith({})
  expect(await keyWith({ 'other.py': '2' })).toBe(key)
  expect(await keyWith({ 'lib.py': '2' })).not.toBe(key)
  expect(await keyWith({ 'new.py': '' })).not.toBe(key)
})

test('without a file that was opened there is no key', async () => {
  const { keyNow } = await loadKeys(inputsOf(), null, 'interpreter')
  expect(keyNow({ file: 'a.py', inputs: ['absent.py'] })).toBeUndefined()
})
