import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { publishFiles, removeEarlier } from '../../../src/publish/build-files.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

test('files are written into the folder', async () => {
  const folder = temporaryFolder()
  await publishFiles(new Map([['storage.json', '{}']]), folder)
  expect(readFileSync(join(folder, 'storage.json'), 'utf8')).toBe('{}')
})

test('no file is written if one of them can’t be written', async () => {
  const folder = temporaryFolder()
  await publishFiles(new Map([['storage.json', '{}']]), folder)
  mkdirSync(join(folder, 'taken'))
  // 'taken/x' can be written, 'storage.json/y' can't: its folder is a file.
  const files = new Map([
    ['taken/x', 'new'],
    ['storage.json/y', 'new']
  ])
  await expect(publishFiles(files, folder)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  expect(readdirSync(join(folder, 'taken'))).toEqual([])
})

test('a file that was renamed is removed if a later file can’t be renamed', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'flows.json/x'), { recursive: true })
  const files = new Map([
    ['storage.json', '{}'],
    ['flows.json', '{}']
  ])
  await expect(publishFiles(files, folder)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  expect(readdirSync(folder)).toEqual(['flows.json'])
})

const NAMES = ['storage.json', 'flows.json', 'report.json', 'Dockerfile', 'mine.txt']

const outputs = Object.fromEntries(OUTPUT_NAMES.map(name => [name, name]))

test.each([
  [
    'every file that its report names is removed',
    { 'flows-path': '/x/flows.json', image: 'a:b' },
    ['mine.txt']
  ],
  [
    'a file that its report does not name is kept',
    { 'flows-path': '', image: '' },
    ['Dockerfile', 'flows.json', 'mine.txt']
  ]
])('of an earlier run, %s', async (_what, some, left) => {
  const folder = temporaryFolder()
  const report = { outputs: { ...outputs, ...some }, versions: { flowstore: '0' } }
  await publishFiles(new Map(NAMES.map(name => [name, JSON.stringify(report)])), folder)
  await removeEarlier(folder)
  expect(readdirSync(folder).sort()).toEqual(left)
})

test('a folder that does not exist has nothing to remove', async () => {
  await expect(removeEarlier(join(temporaryFolder(), 'none'))).resolves.toBeUndefined()
})

test.each([
  ['is not JSON', 'no JSON'],
  ['is of another program', '{"outputs": {"image": "a"}}']
])('no file is removed if report.json %s', async (_what, report) => {
  const folder = temporaryFolder()
  await publishFiles(new Map(NAMES.map(name => [name, report])), folder)
  await removeEarlier(folder)
  expect(readdirSync(folder).sort()).toEqual([...NAMES].sort())
})
