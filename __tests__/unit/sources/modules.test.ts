import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  discover as discoverAll,
  discoverModules,
  namedFiles
} from '../../../src/sources/modules.js'
import { sourcesHash } from '../../../src/sources/sources-hash.js'
import { listSources } from '../../../src/sources/listing.js'
import { errorsOf } from '../../../src/errors.js'
import { repository } from '../../helpers/flowstore.js'
import { asOrdinaryUser } from '../../helpers/processes.js'

async function discover(root: string, flows: string[]): Promise<unknown[]> {
  const sources = await listSources(root, ['.flowstore'], await namedFiles(root, flows))
  return (await discoverModules(sources, flows)).map(({ file, flows: names }) =>
    names ? [file, ...names] : file
  )
}

const TREE = {
  'flows/b.py': '',
  'flows/a.py': '',
  'flows/__init__.py': '',
  'flows/test_a.py': '',
  'flows/tests/c.py': '',
  'flows/.hidden/d.py': '',
  'flows/deep/e.py': '',
  'flows/generated.py': '',
  'venv/pyvenv.cfg': '',
  'venv/f.py': '',
  'src/pkg/g.py': '',
  '.flowstore/h.py': '',
  '.gitignore': 'generated.py\n',
  'flows/deep/.gitignore': '!generated.py\n',
  'flows/deep/generated.py': ''
}

test('folders are walked in order, without packages, tests, hidden and ignored files', async () => {
  const root = repository(TREE)
  expect(await discover(root, ['flows'])).toEqual([
    'flows/a.py',
    'flows/b.py',
    'flows/deep/e.py',
    'flows/deep/generated.py'
  ])
  expect(await discover(root, ['flows/*.py', '.'])).not.toContain('venv/f.py')
})

test('a file that is named directly is always included, and each module only once', async () => {
  const root = repository(TREE)
  expect(
    await discover(root, [
      'flows/test_a.py',
      'flows/generated.py',
      'flows/a.py:x',
      'flows/a.py:y z'
    ])
  ).toEqual(['flows/test_a.py', 'flows/generated.py', ['flows/a.py', 'x', 'y z']])
  expect(await discover(root, ['flows/a.py', 'flows/a.py'])).toEqual(['flows/a.py'])
})

test('a flow or a function that is named beside its whole module is taken with all flows of the module', async () => {
  const root = repository(TREE)
  expect(await discover(root, ['flows/a.py', 'flows/a.py:x'])).toEqual([['flows/a.py', '*', 'x']])
  expect(await discover(root, ['flows/a.py:x', 'flows/a.py'])).toEqual([['flows/a.py', 'x', '*']])
})

test('dotted module names are resolved, below src too', async () => {
  const root = repository(TREE)
  expect(await discover(root, ['flows.b', 'pkg.g:one'])).toEqual([
    'flows/b.py',
    ['src/pkg/g.py', 'one']
  ])
})

test('every spec that matches nothing is named', async () => {
  const root = repository({ ...TREE, 'notes.txt': '' })
  const thrown: unknown = await discover(root, [
    'nope.py',
    'none/*.py',
    'venv',
    'notes.txt',
    '../x.py'
  ]).catch((error: unknown) => error)
  expect(errorsOf(thrown).map(error => error.message)).toEqual([
    expect.stringContaining("'nope.py'"),
    expect.stringContaining("'none/*.py'"),
    expect.stringContaining("'venv'"),
    expect.stringContaining("'notes.txt'"),
    expect.stringContaining("'../x.py'")
  ])
})

test.each([
  ['a file', '!flows/a.py', ['flows/b.py', 'flows/deep/e.py', 'flows/deep/generated.py']],
  ['a folder', '!flows/deep/', ['flows/a.py', 'flows/b.py']],
  ['a pattern', '!**/[be].py', ['flows/a.py', 'flows/deep/generated.py']],
  ['a module', '!flows.b', ['flows/a.py', 'flows/deep/e.py', 'flows/deep/generated.py']]
])('an exclusion leaves out %s, wherever its line is', async (_, line, files) => {
  const root = repository(TREE)
  expect(await discover(root, ['flows', line])).toEqual(files)
  expect(await discover(root, [line, 'flows'])).toEqual(files)
})

test('an exclusion that matches nothing is a warning, and one that repeats another is not', async () => {
  const root = repository(TREE)
  const flows = ['flows/*.py', '!flows/a.py', '!flows/a*', '!flows/nope']
  const { modules, notices } = await discoverAll(await listSources(root), flows)
  expect(modules.map(({ file }) => file)).toEqual(['flows/b.py'])
  expect(notices).toEqual([
    { level: 'warning', message: expect.stringContaining("'!flows/nope' in flows") }
  ])
})

test('exclusions of every module, and of a single flow, are errors', async () => {
  const root = repository(TREE)
  await expect(discover(root, ['flows', '!**'])).rejects.toMatchObject({
    code: 'MODULE_NOT_FOUND',
    message: "every flow module is left out by '!**'"
  })
  await expect(discover(root, ['flows', '!flows/a.py:x'])).rejects.toMatchObject({
    code: 'INVALID_OPTION'
  })
})

test('a line that begins with !( is a pattern', async () => {
  expect(await discover(repository({ 'a.py': '', 'b.py': '' }), ['!(a).py'])).toEqual(['b.py'])
})

test('an excluded file that an ignore rule excludes is no source', async () => {
  expect(await namedFiles(repository(TREE), ['flows', '!flows/generated.py'])).toEqual([])
})

test('notebooks among the modules are listed, unless they are excluded', async () => {
  const root = repository({ 'a.py': '', 'x.ipynb': '', 'flows/y.ipynb': '', 'tests/z.ipynb': '' })
  const notebooks = async (flows: string[]) =>
    (await discoverAll(await listSources(root), flows)).notebooks
  expect(await notebooks(['.'])).toEqual(['flows/y.ipynb', 'x.ipynb'])
  expect(await notebooks(['.', '!flows/*.ipynb'])).toEqual(['x.ipynb'])
})

test('an error about a notebook says how to export it', async () => {
  const root = repository({ 'x.ipynb': '', 'only/y.ipynb': '' })
  for (const spec of ['x.ipynb', 'only', '*.ipynb']) {
    await expect(discover(root, [spec])).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
      hint: expect.stringContaining('jupyter nbconvert --to script')
    })
  }
})

test('a module that can’t be read is not treated as missing', async () => {
  const root = repository({ 'closed/a.py': '' })
  chmodSync(root, 0o755)
  chmodSync(join(root, 'closed'), 0o700)
  symlinkSync('loop.py', join(root, 'loop.py'))
  const failure = (path: string, why: string) => ({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining(`${join(root, path)} can't be read: ${why}`)
  })
  await asOrdinaryUser(async () => {
    const closed = failure('closed/a.py', 'EACCES')
    await expect(namedFiles(root, ['closed/a.py'])).rejects.toMatchObject(closed)
    const sources = { root, files: [], size: 0 }
    await expect(discoverModules(sources, ['closed/a.py'])).rejects.toMatchObject(closed)
  })
  await expect(namedFiles(root, ['loop.py'])).rejects.toMatchObject(failure('loop.py', 'ELOOP'))
})

test('the hash of the sources depends on contents and paths, not on ignored files', async () => {
  const root = repository(TREE)
  const hash = async () => sourcesHash(await listSources(root, ['.flowstore']))
  const before = await hash()
  // An additional work tree has a file `.git` with the path of its repository.
  writeFileSync(join(root, '.git'), 'gitdir: /elsewhere/.git/worktrees/x\n')
  expect(await hash()).toBe(before)
  writeFileSync(join(root, 'flows/generated.py'), 'x')
  expect(await hash()).toBe(before)
  const listed = await listSources(root, ['.flowstore'])
  expect(await sourcesHash(listed)).toBe(before)
  writeFileSync(join(root, 'flows/a.py'), 'x')
  expect(await hash()).not.toBe(before)
  // A listing always has the same hash.
  expect(await sourcesHash(listed)).toBe(before)
})
