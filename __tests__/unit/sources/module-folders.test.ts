import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { foldersWithModule } from '../../../src/sources/module-folders.js'
import { repository } from '../../helpers/flowstore.js'

/** The folders of a monorepo that have a module, seen from the project `teams/a`. */
function found(files: Readonly<Record<string, string>>, module: string, isGit = true) {
  const root = repository({ 'teams/a/flows/etl.py': '', ...files })
  if (isGit) mkdirSync(join(root, '.git'))
  return foldersWithModule(join(root, 'teams/a'), module)
}

test.each([
  ['a file', { 'libs/shared.py': '' }, 'shared', ['../../libs']],
  ['a package', { 'libs/shared/__init__.py': '' }, 'shared', ['../../libs']],
  ['a folder without __init__.py', { 'libs/shared/tools.py': '' }, 'shared', ['../../libs']],
  ['a dotted name', { 'libs/shared/tools.py': '' }, 'shared.tools', ['../../libs']],
  ['the top of the repository', { 'shared/tools.py': '' }, 'shared', ['../..']],
  ['the working directory', { 'teams/a/shared.py': '' }, 'shared', ['.']],
  ['a folder below it', { 'teams/a/src/x/shared.py': '' }, 'shared', ['src/x']]
])('a module is found: %s', async (_, files, module, folders) => {
  expect(await found(files as Record<string, string>, module)).toEqual(folders)
})

test('the nearest three folders are named', async () => {
  const files = ['libs/deep/er', 'libs', 'teams/b', 'teams/a/src'].map(folder => [
    `${folder}/shared.py`,
    ''
  ])
  const folders = await found(Object.fromEntries(files) as Record<string, string>, 'shared')
  expect(folders).toEqual(['src', '../b', '../../libs'])
})

test.each([
  ['a folder without Python', { 'libs/shared/data.csv': '' }, 'shared'],
  ['a part of a dotted name', { 'libs/shared/other.py': '' }, 'shared.tools'],
  ['what git ignores', { '.gitignore': 'build/\n', 'build/shared.py': '' }, 'shared'],
  ['a virtual environment', { 'venv/pyvenv.cfg': '', 'venv/lib/shared.py': '' }, 'shared'],
  ['a hidden folder', { '.tox/shared.py': '' }, 'shared'],
  ['node_modules', { 'node_modules/shared.py': '' }, 'shared'],
  ['a name that is a path', { 'libs/shared.py': '' }, '../libs/shared']
])('no module is found: %s', async (_, files, module) => {
  expect(await found(files as Record<string, string>, module)).toEqual([])
})

test('without git, only the working directory is searched', async () => {
  expect(await found({ 'libs/shared.py': '' }, 'shared', false)).toEqual([])
  expect(await found({ 'teams/a/libs/shared.py': '' }, 'shared', false)).toEqual(['libs'])
})
