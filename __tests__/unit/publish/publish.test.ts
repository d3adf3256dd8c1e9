import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { publishFiles, removeEarlier } from '../../../src/publish/files.js'
import { gitHubOutputs, OUTPUT_NAMES, type OutputName } from '../../../src/publish/outputs.js'
import { summaryMarkdown } from '../../../src/publish/summary.js'
import type { Report } from '../../../src/report.js'

const outputs = Object.fromEntries(OUTPUT_NAMES.map(name => [name, name])) as Record<
  OutputName,
  string
>

test('files are written all or none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-test-'))
  await publishFiles(new Map([['storage.json', '{}']]), folder)
  expect(readFileSync(join(folder, 'storage.json'), 'utf8')).toBe('{}')
  mkdirSync(join(folder, 'taken'))
  // 'taken/x' can be written, 'storage.json/y' can't: its folder is a file.
  await expect(
    publishFiles(
      new Map([
        ['taken/x', 'new'],
        ['storage.json/y', 'new']
      ]),
      folder
    )
  ).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  expect(readdirSync(join(folder, 'taken'))).toEqual([])
})

test('what was renamed already goes as well when a later file can’t be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-test-'))
  mkdirSync(join(folder, 'flows.json/x'), { recursive: true })
  const files = new Map([
    ['storage.json', '{}'],
    ['flows.json', '{}']
  ])
  await expect(publishFiles(files, folder)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  expect(readdirSync(folder)).toEqual(['flows.json'])
})

const NAMES = ['storage.json', 'flows.json', 'report.json', 'Dockerfile', 'mine.txt']

test.each([
  ['all that it had', { 'flows-path': '/x/flows.json', image: 'a:b' }, ['mine.txt']],
  [
    'no file that it had not',
    { 'flows-path': '', image: '' },
    ['Dockerfile', 'flows.json', 'mine.txt']
  ]
])('an earlier run’s files are known by its report: %s', async (_name, some, left) => {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-test-'))
  const report = { outputs: { ...outputs, ...some }, versions: { flowstore: '0' } }
  await publishFiles(new Map(NAMES.map(name => [name, JSON.stringify(report)])), folder)
  await removeEarlier(folder)
  expect(readdirSync(folder).sort()).toEqual(left)
})

test('files are left alone where there is no report of ours', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-test-'))
  await removeEarlier(join(folder, 'none'))
  for (const report of ['no JSON', '{"outputs": {"image": "a"}}']) {
    await publishFiles(new Map([...NAMES.map(name => [name, report] as const)]), folder)
    await removeEarlier(folder)
    expect(readdirSync(folder).sort()).toEqual([...NAMES].sort())
  }
})

test('an output that GitHub would drop is left empty with a notice', () => {
  const { values, notices } = gitHubOutputs(
    { ...outputs, storage: 'x'.repeat(600_000), flows: '{"a": "hunter22"}' },
    ['hunter22']
  )
  expect([values.storage, values.flows, values.digest]).toEqual(['', '', 'digest'])
  expect(notices.map(notice => notice.message)).toEqual([
    expect.stringContaining("'storage' is over GitHub's limit"),
    expect.stringContaining("'flows' holds a masked value")
  ])
})

test('the summary keeps a flow’s name from breaking its table', () => {
  const report = {
    storage: { type: 'Docker' },
    image: null,
    changed: true,
    versions: { python: '3.9.1', prefect: '1.4.1', cloudpickle: '3', flowstore: '0' },
    load: { in: 'image' as const, why: 'load-in asks for it' },
    phases: [{ name: 'load', seconds: 1.23 }],
    flows: [{ name: 'a|b <c>\n`d`', module: 'm.py', line: 3, location: '/x', size: 2048 }],
    notices: []
  } satisfies Report
  const row = summaryMarkdown(report)
    .split('\n')
    .find(line => line.includes('m.py'))
  expect(row).toBe('| a\\|b &lt;c> \\`d\\` | m.py:3 | /x | 2.0 KiB |')
  expect(summaryMarkdown(report)).toContain('load 1.2 s')
})
