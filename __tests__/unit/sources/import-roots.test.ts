import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { errorsOf } from '../../../src/errors.js'
import { importRoots } from '../../../src/sources/import-roots.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

/** A working directory in a git repository. */
function project(files: Readonly<Record<string, string>>): string {
  const top = repository({ 'teams/a/flow.py': '', ...files })
  mkdirSync(join(top, '.git'))
  return join(top, 'teams/a')
}

test('folders are relative to the working directory, in the given order and each once', async () => {
  const cwd = project({ 'libs/x.py': '', 'teams/a/src/x.py': '' })
  const folders = ['src/', '../../libs', '.', join(cwd, 'src'), '../..']
  expect(await importRoots(cwd, folders)).toEqual(['src', '../../libs', '.', '../..'])
})

test('a link is followed, but not out of the repository', async () => {
  const cwd = project({ 'libs/x.py': '' })
  symlinkSync('../../libs', join(cwd, 'inside'))
  expect(await importRoots(cwd, ['inside'])).toEqual(['../../libs'])
  symlinkSync(temporaryFolder(), join(cwd, 'outside'))
  await expect(importRoots(cwd, ['outside'])).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining("'outside' in python-path lies outside the git repository")
  })
})

test('every folder that can’t be used is an error', async () => {
  const cwd = project({ 'a.txt': '' })
  const failed: unknown = await importRoots(cwd, ['no', '../../a.txt', '../../.git']).catch(
    (error: unknown) => error
  )
  expect(errorsOf(failed).map(error => error.code)).toEqual([
    'FILE_NOT_FOUND',
    'INVALID_OPTION',
    'INVALID_OPTION'
  ])
})
