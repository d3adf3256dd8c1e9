import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { fileOrIn, readError } from '../../../src/util/files.js'
import { repository } from '../../helpers/flowstore.js'

/** What reading a path throws. */
function faultOf(path: string): unknown {
  try {
    readFileSync(path)
  } catch (error) {
    return error
  }
  throw new Error('it was read')
}

test('an absent file, and a folder in the place of a file, are errors with what to do', () => {
  const root = repository({ 'folder/a': '' })
  const said = (name: string) =>
    readError(faultOf(join(root, name)), `the list '${name}'`, 'Make it.')
  expect(said('none')).toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: "the list 'none' does not exist",
    hint: 'Make it.'
  })
  expect(said('folder')).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: "the list 'folder' is a folder, not a file",
    hint: 'Name the file itself.'
  })
})

test('a folder stands for the file in it, whether that is there or not', async () => {
  const root = repository({ 'folder/a': '' })
  expect(await fileOrIn(root, 'folder', 'list.json')).toBe(join('folder', 'list.json'))
  expect(await fileOrIn(root, 'folder/a', 'list.json')).toBe('folder/a')
  expect(await fileOrIn(root, 'none', 'list.json')).toBe('none')
})
