import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { LoadedFlow } from '../../../src/flows/flow.js'
import { flowKeys } from '../../../src/build/flow-keys.js'
import { chooseSources } from '../../../src/sources/choose.js'
import { listSources } from '../../../src/sources/listing.js'
import type { RawOptions } from '../../../src/options/options.js'
import { repository } from '../../helpers/flowstore.js'
import { inputsOf, loadedFlow } from '../../helpers/stages.js'

const FILES: Readonly<Record<string, string>> = {
  'flows/a.py': '1',
  'flows/b.py': '1',
  'flows/a.sql': '1',
  'flows/deep/er/q.sql': '1',
  'lib/used.py': '1',
  'lib/other.py': '1',
  'lib/data.csv': '1',
  'config/c.yaml': '1',
  'tests/helpers.py': '1'
}

const CLOSED = { files: ['flows/a.py', 'lib/used.py'], data: [], open: null }

interface Keyed {
  readonly files?: Readonly<Record<string, string>>
  readonly closure?: LoadedFlow['closure']
  readonly raw?: RawOptions
  readonly link?: readonly string[]
}

async function keyOf({ files = {}, closure = CLOSED, raw = {}, link }: Keyed = {}) {
  const root = repository({ ...FILES, ...files })
  if (link) symlinkSync(link[0] ?? '', join(root, link[1] ?? ''))
  const chosen = chooseSources(await listSources(root), { rules: [], flows: [], named: [] })
  const flow = loadedFlow('a', { module: 'flows/a.py', closure })
  const { keys, open } = await flowKeys({ ...inputsOf(raw), ...chosen }, [flow], null)
  return { key: keys.get('a'), open }
}

/** The files whose change changes the key. */
async function covered(more: Keyed = {}): Promise<string[]> {
  const { key } = await keyOf(more)
  const found: string[] = []
  for (const path of Object.keys(FILES)) {
    if ((await keyOf({ ...more, files: { [path]: '2' } })).key !== key) found.push(path)
  }
  return found
}

test('a key covers the modules of a flow and all data files in their folders, and no other module', async () => {
  expect(await covered()).toEqual([
    'flows/a.py',
    'flows/a.sql',
    'flows/deep/er/q.sql',
    'lib/used.py',
    'lib/data.csv'
  ])
})

test('a key covers the files and folders that a flow names, and nothing beside these', async () => {
  const closure = { ...CLOSED, files: ['flows/a.py'], data: ['config/c.yaml', 'lib'] }
  const files = { 'config/other.yaml': '1', 'README.md': '1' }
  expect(await covered({ closure, files })).toEqual([
    ...['flows/a.py', 'flows/a.sql', 'flows/deep/er/q.sql'],
    ...['lib/used.py', 'lib/other.py', 'lib/data.csv', 'config/c.yaml']
  ])
  const { key } = await keyOf({ closure, files })
  const edited = await keyOf({ closure, files: { 'config/other.yaml': '2', 'README.md': '2' } })
  expect(edited.key).toBe(key)
})

test('a file that a flow names and that is no source makes the key cover all sources', async () => {
  const closure = { ...CLOSED, data: ['absent.yaml'] }
  expect((await keyOf({ closure })).open).toEqual([
    'The key of flow "a" covers all sources: absent.yaml is no source'
  ])
})

test('a new data file in a folder of a module changes the key, and a new module there does not', async () => {
  const { key } = await keyOf()
  expect((await keyOf({ files: { 'flows/new.csv': '' } })).key).not.toBe(key)
  expect((await keyOf({ files: { 'flows/new.py': '' } })).key).toBe(key)
})

test('if the modules can’t tell, the key covers all sources, and the reason is told', async () => {
  const closure = { ...CLOSED, open: 'flows/a.py:3: exec' }
  expect(await covered({ closure })).toEqual(
    Object.keys(FILES).filter(path => !path.startsWith('tests/'))
  )
  expect((await keyOf({ closure })).open).toEqual([
    'The key of flow "a" covers all sources: flows/a.py:3: exec'
  ])
})

test('a module of the root folder makes the key cover every data file', async () => {
  const closure = { files: ['flow.py'], data: [], open: null }
  const files = { 'flow.py': '' }
  const { key } = await keyOf({ closure, files })
  expect((await keyOf({ closure, files: { ...files, 'config/c.yaml': '2' } })).key).not.toBe(key)
  expect((await keyOf({ closure, files: { ...files, 'lib/other.py': '2' } })).key).toBe(key)
})

test.each([
  ['a link out of the repository', ['flows/a.py'], ['../../c.yaml', 'flows/c.yaml']],
  ['a link to no file', ['flows/a.py'], ['../config/none.yaml', 'flows/c.yaml']],
  ['an absolute link', ['flows/a.py'], ['/etc/hosts', 'flows/hosts']],
  ['a link to itself', ['flows/a.py'], ['c.yaml', 'flows/c.yaml']],
  ['a path that is no source', ['flows/a.py', 'flows/absent.py'], undefined],
  ['a path outside the repository', ['flows/a.py', '../../etc/passwd'], undefined]
])('%s makes the key cover all sources', async (_, files, link) => {
  expect((await keyOf({ closure: { ...CLOSED, files }, ...(link && { link }) })).open).toHaveLength(
    1
  )
})

test.each([
  [
    'a module',
    ['flows/a.py', 'flows/link.py'],
    ['../lib/other.py', 'flows/link.py'],
    ['flows/a.py', 'flows/a.sql', 'flows/deep/er/q.sql', 'lib/other.py', 'lib/data.csv']
  ],
  [
    'a data file',
    ['flows/a.py'],
    ['../config/c.yaml', 'flows/c.yaml'],
    ['flows/a.py', 'flows/a.sql', 'flows/deep/er/q.sql', 'config/c.yaml']
  ],
  [
    'a folder with data',
    ['flows/a.py'],
    ['../config', 'flows/config'],
    ['flows/a.py', 'flows/a.sql', 'flows/deep/er/q.sql', 'config/c.yaml']
  ],
  [
    'a folder with a module',
    ['flows/a.py', 'shared/other.py'],
    ['lib', 'shared'],
    ['flows/a.py', 'flows/a.sql', 'flows/deep/er/q.sql', 'lib/other.py', 'lib/data.csv']
  ]
])(
  'a link to %s has the key cover what it leads to, and nothing else',
  async (_, files, link, expected) => {
    const more = { closure: { ...CLOSED, files }, link }
    expect((await keyOf(more)).open).toEqual([])
    expect(await covered(more)).toEqual(expected)
  }
)

test('a link that leads elsewhere changes the key, if the content is the same', async () => {
  const closure = { files: ['flows/a.py'], data: [], open: null }
  const at = (target: string) => keyOf({ closure, link: [target, 'flows/c.yaml'] })
  expect((await at('../config/c.yaml')).key).not.toBe((await at('../lib/data.csv')).key)
})

test('a module that is no source, which a load in the folder sees, is covered', async () => {
  const closure = { files: ['flows/a.py', 'tests/helpers.py'], data: [], open: null }
  expect(await covered({ closure })).toContain('tests/helpers.py')
})

test.each([
  [{ 'registry-url': 'other.test' }],
  [{ 'env-vars': 'A=1' }],
  [{ 'stored-as-script': 'true', path: '/a.py' }]
])('the options %j change the key', async raw => {
  expect((await keyOf({ raw })).key).not.toBe((await keyOf()).key)
})

test.each([[{ 'image-tag': 'one' }], [{ tags: 'one' }], [{ 'compare-with': 'registered' }]])(
  'the options %j do not change the key',
  async raw => {
    expect((await keyOf({ raw })).key).toBe((await keyOf()).key)
  }
)
