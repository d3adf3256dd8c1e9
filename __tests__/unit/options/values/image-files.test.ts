import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { imageFiles } from '../../../../src/options/values/image-files.js'
import { repository, writeFiles } from '../../../helpers/flowstore.js'

const folder = repository({ 'a.txt': 'a', 'data/b.txt': 'b' })

test('a line is a source and an absolute destination', () => {
  const { files, errors } = imageFiles(
    ['a.txt:/opt/a.txt', 'data:/opt//x/../data', 'a.txt:/etc/'],
    folder
  )
  expect(errors).toEqual([])
  expect(files).toEqual([
    { source: 'a.txt', destination: '/opt/a.txt' },
    { source: 'data', destination: '/opt/data' },
    { source: 'a.txt', destination: '/etc/a.txt' }
  ])
})

test('a file whose name looks like a pattern goes into a folder under its own name', () => {
  writeFiles(folder, { 'a[1].txt': '1', 'a\\b.txt': '2' })
  expect(imageFiles(['a[1].txt:/etc/', 'a\\b.txt:/etc/', 'a*.txt:/all/'], folder)).toEqual({
    files: [
      { source: 'a[1].txt', destination: '/etc/a[1].txt' },
      { source: 'a\\b.txt', destination: '/etc/a\\b.txt' },
      { source: 'a*.txt', destination: '/all' }
    ],
    errors: []
  })
})

test('every relative destination, missing source and shared destination is reported', () => {
  const { errors } = imageFiles(
    ['a.txt:opt/a.txt', 'a.txt', 'no.txt:/no.txt', 'a.txt:/same', 'data:/same'],
    folder
  )
  expect(errors.map(error => [error.code, error.message])).toEqual([
    ['FILE_DESTINATION', "'a.txt:opt/a.txt' in the option files has no absolute destination"],
    ['FILE_DESTINATION', "'a.txt' in the option files has no absolute destination"],
    ['FILE_NOT_FOUND', "the file 'no.txt' in the option files does not exist"],
    ['FILE_DESTINATION', "'a.txt' and 'data' in the option files have the same destination: /same"]
  ])
})

test('a source that can’t be read is an error with the reason', () => {
  symlinkSync('loop', join(folder, 'loop'))
  const { errors } = imageFiles(['loop:/loop'], folder)
  expect(errors).toMatchObject([
    {
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining("the file 'loop' in the option files can't be read: ELOOP")
    }
  ])
})

test('a glob is not an error, even if no file can have its name', () => {
  const glob = `{${'a,'.repeat(200)}}.txt`
  expect(imageFiles([`${glob}:/data`], folder)).toEqual({
    files: [{ source: glob, destination: '/data' }],
    errors: []
  })
})

test('a source that is version control, or lies in it, is an error that names the line', () => {
  writeFiles(folder, { '.git/config': 'token' })
  const lines = ['.git:/x', '.git/config:/y', '.git/*:/z']
  expect(imageFiles(lines, folder)).toMatchObject({
    files: [],
    errors: lines.map(line => ({
      code: 'INVALID_OPTION',
      message: `'${line}' in the option files names version control, which is never copied into an image`
    }))
  })
})
