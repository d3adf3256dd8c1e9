import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { OutputFolder } from '../../../src/publish/output-folder.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'
import { temporaryFolder, writeFiles } from '../../helpers/flowstore.js'

const outputs = Object.fromEntries(OUTPUT_NAMES.map(name => [name, name]))

const report = (some: Record<string, string>, note: string): string =>
  JSON.stringify({ outputs: { ...outputs, ...some }, versions: { flowstore: '0' }, note })

const IMAGE = { 'flows-path': '/x/flows.json', 'prefect-file-path': '', image: 'a:b' }
const RESULT = { 'storage.json': 's', 'flows.json': 'f', Dockerfile: 'D' }

async function publish(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = await OutputFolder.open(path)
  await folder.draft(new Map(Object.entries(files)))
  await folder.publish()
}

const contentOf = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map(name => [name, readFileSync(join(path, name), 'utf8')]))

test('a result replaces an earlier one, with the files that it no longer has', async () => {
  const path = temporaryFolder()
  writeFiles(path, { 'mine.txt': 'mine' })
  await publish(path, { ...RESULT, 'report.json': report(IMAGE, '1') })
  const next = { 'storage.json': 's2', 'report.json': report({ ...IMAGE, image: '' }, '2') }
  await publish(path, next)
  expect(contentOf(path)).toEqual({ ...next, 'mine.txt': 'mine' })
})

test.each([
  ['is not JSON', 'no JSON'],
  ['is of another program', '{"outputs": {"image": "a"}}']
])('no file is removed if report.json %s', async (_what, text) => {
  const path = temporaryFolder()
  writeFiles(path, { Dockerfile: 'mine', 'report.json': text })
  await publish(path, { 'storage.json': 's' })
  expect(readdirSync(path).sort()).toEqual(['Dockerfile', 'report.json', 'storage.json'])
})

test('an earlier result stays until the new one is published', async () => {
  const path = temporaryFolder()
  const first = { ...RESULT, 'report.json': report(IMAGE, '1') }
  await publish(path, first)
  const folder = await OutputFolder.open(path)
  await folder.draft(new Map([['storage.json', 's2']]))
  await folder.drop()
  expect(contentOf(path)).toEqual(first)
})

test('an earlier result comes back if a file can’t be put in its place', async () => {
  const path = temporaryFolder()
  writeFiles(path, { 'storage.json': 's1' })
  mkdirSync(join(path, 'flows.json'))
  await expect(publish(path, { ...RESULT, 'storage.json': 's2' })).rejects.toMatchObject({
    code: 'WRITE_FAILED'
  })
  expect(readdirSync(path).sort()).toEqual(['flows.json', 'storage.json'])
  expect(readFileSync(join(path, 'storage.json'), 'utf8')).toBe('s1')
})

test('a folder that can’t be written to is an error before any work', async () => {
  const path = temporaryFolder()
  writeFiles(path, { file: '' })
  for (const name of ['file', 'file/out']) {
    await expect(OutputFolder.open(join(path, name))).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('it is a file, or below one')
    })
  }
})

test('a result that a killed run did not put in its place is put there by the next run', async () => {
  const path = temporaryFolder()
  writeFiles(path, {
    'storage.json': 'new',
    Dockerfile: 'old',
    '.complete/report.json': 'new',
    '.complete/removed': 'Dockerfile\n../mine'
  })
  await OutputFolder.open(path)
  expect(contentOf(path)).toEqual({ 'storage.json': 'new', 'report.json': 'new' })
})

test('drafts of a process that has ended are removed', async () => {
  const path = temporaryFolder()
  await publish(path, RESULT)
  const folder = await OutputFolder.open(path)
  await folder.draft(new Map([['storage.json', 'of a live process']]))
  const [live = ''] = readdirSync(path).filter(name => name.startsWith('.draft-'))
  const ended = live.replace(String(process.pid), '4194999')
  writeFiles(path, { [`${ended}/storage.json`]: 'x', 'storage.json.4194999.tmp': 'x' })
  mkdirSync(join(path, live.replace(/-[0-9a-f]{8}-/, '-00000000-')))
  await OutputFolder.open(join(path))
  expect(readdirSync(path).filter(name => /draft|tmp/.test(name))).toEqual([
    live.replace(/-[0-9a-f]{8}-/, '-00000000-')
  ])
})

test('a failed run adds failure.json, and the next result removes it', async () => {
  const path = temporaryFolder()
  await publish(path, RESULT)
  await (await OutputFolder.open(path)).writeFailure('{}')
  expect(contentOf(path)).toEqual({ ...RESULT, 'failure.json': '{}' })
  await publish(path, { ...RESULT, 'storage.json': 's2' })
  expect(contentOf(path)).toEqual({ ...RESULT, 'storage.json': 's2' })
})
