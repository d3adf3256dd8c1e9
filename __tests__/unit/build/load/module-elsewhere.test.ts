import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  localModuleHint,
  moduleElsewhereHint,
  withModulesElsewhere,
  outsideSourcesHint
} from '../../../../src/build/load/module-elsewhere.js'
import { errorsOf, FlowstoreError, FlowstoreErrors } from '../../../../src/errors.js'
import { listSources } from '../../../../src/sources/listing.js'
import { repository } from '../../../helpers/flowstore.js'

const FILES = {
  'teams/a/flows/etl.py': '',
  'teams/a/inner/tools.py': '',
  'teams/b/shared/__init__.py': '',
  'libs/shared/__init__.py': '',
  'libs/tools.py': '',
  'libs/only.py': ''
}

async function inputs(importRoots: readonly string[] = []) {
  const root = repository(FILES)
  mkdirSync(join(root, '.git'))
  return { sources: await listSources(join(root, 'teams/a')), importRoots }
}

test('the hint names the folder beside the working directory, and the option with its value', async () => {
  expect(await moduleElsewhereHint(await inputs(), 'only')).toBe(
    'The repository has the module `only` in the folder `../../libs`: set `python-path: ../../libs`.'
  )
})

test('the nearest folder comes first, and the others are named too', async () => {
  expect(await moduleElsewhereHint(await inputs(), 'shared')).toBe(
    'The repository has the module `shared` in the folder `../b` (also in `../../libs`): set `python-path: ../b`.'
  )
})

test.each([
  ['a module that the repository does not have', 'pandas', []],
  ['a module where Python looks already', 'only', ['../../libs']]
])('there is no hint for %s', async (_, module, importRoots) => {
  expect(await moduleElsewhereHint(await inputs(importRoots), module)).toBeUndefined()
})

test.each([
  ["ModuleNotFoundError: No module named 'only'; imported by a.py", '../../libs'],
  // The loader has a hint about a module that it sees.
  ["ModuleNotFoundError: No module named 'tools'", undefined],
  ["ValueError: No module named 'only'", undefined]
])('%s', async (message, folder) => {
  const hint = await outsideSourcesHint(await inputs(), message)
  expect(hint?.includes(`set \`python-path: ${folder ?? ''}\``)).toBe(
    folder === undefined ? undefined : true
  )
})

test('a flow that misses a module of the repository when it is read back has the hint too', async () => {
  const failure = (module: string) =>
    new FlowstoreError(
      'HEALTHCHECK',
      `flow "a" does not load back: ModuleNotFoundError: No module named '${module}'`,
      { hint: 'as before', file: 'a.py', line: 3 }
    )
  const [one, other] = [failure('only'), failure('pandas')]
  one.phase = 'healthcheck'
  const thrown = await withModulesElsewhere(new FlowstoreErrors([one, other]), await inputs())
  expect(errorsOf(thrown)).toMatchObject([
    { hint: expect.stringContaining('python-path: ../../libs'), line: 3, phase: 'healthcheck' },
    { hint: 'as before' }
  ])
  const elsewhere = new FlowstoreError('PUSH_REFUSED', 'no')
  expect(await withModulesElsewhere(elsewhere, await inputs())).toBe(elsewhere)
})

test('a run from local storage has no path to set, so the hint is to install the package', async () => {
  const root = repository({ 'src/shop/__init__.py': '', 'tools.py': '' })
  const local = { sources: await listSources(root), importRoots: ['src'] }
  const failure = (module: string) =>
    new FlowstoreError(
      'HEALTHCHECK',
      `flow "a" does not load back: ModuleNotFoundError: No module named '${module}'`,
      { hint: 'as before' }
    )
  expect(await withModulesElsewhere(failure('shop'), local, localModuleHint)).toMatchObject({
    hint: expect.stringContaining('install the package (`python-dependencies: .`)')
  })
  expect(await withModulesElsewhere(failure('tools'), local, localModuleHint)).toMatchObject({
    hint: 'as before'
  })
})
