import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { workingDirectory } from '../../../src/options/working-directory.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

const folder = repository({ 'teams/a/flow.py': '', 'teams/b/flow.py': '' })
const from = (directory: string, option: string) =>
  workingDirectory({ 'working-directory': option }, directory)

test('without the option it is the folder of the step', async () => {
  expect([await workingDirectory({}, folder), await from(folder, ' ')]).toEqual([folder, folder])
})

test('it may lie in the folder of the step, and anywhere in its git repository', async () => {
  const [a, b] = [join(folder, 'teams/a'), join(folder, 'teams/b')]
  expect([await from(folder, 'teams/a/'), await from(folder, a)]).toEqual([a, a])
  await expect(from(a, '../b')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  mkdirSync(join(folder, '.git'))
  expect(await from(a, '../b')).toBe(b)
})

test('a link is followed, but not out of the folder of the step', async () => {
  symlinkSync('teams/a', join(folder, 'current'))
  symlinkSync(temporaryFolder(), join(folder, 'outside'))
  expect(await from(folder, 'current')).toBe(join(folder, 'teams/a'))
  await expect(from(folder, 'outside')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test.each([
  ['none', 'FILE_NOT_FOUND', "the working-directory 'none' does not exist"],
  ['teams/a/flow.py', 'INVALID_OPTION', "the working-directory 'teams/a/flow.py' is not a folder"]
])('%s is refused', async (option, code, message) => {
  await expect(from(folder, option)).rejects.toMatchObject({ code, message })
})
