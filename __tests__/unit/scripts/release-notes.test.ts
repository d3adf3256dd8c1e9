import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { repository, run } from '../../helpers/flowstore.js'

const CHANGELOG = `# Changelog

## [Unreleased]

- Not yet.

## [1.2.3] - 2026-01-31

### Fixed

- A thing.

## [1.2.2] - 2026-01-01

- Another thing.
`

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const notesOf = (tag: string, changelog: string) => {
  const folder = repository({ 'package.json': '{"version": "1.2.3"}', 'CHANGELOG.md': changelog })
  folders.push(folder)
  return run(process.execPath, [resolve('scripts/release-notes.mjs'), tag], folder)
}

test('prints the section of the version', async () => {
  expect(await notesOf('v1.2.3', CHANGELOG)).toEqual({
    code: 0,
    stdout: '### Fixed\n\n- A thing.\n',
    stderr: ''
  })
})

test('refuses a tag that is not the version of package.json', async () => {
  const ended = await notesOf('v1.2.4', CHANGELOG)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('the tag is v1.2.4, and package.json has the version 1.2.3')
})

test.each([
  ['no section', CHANGELOG.replace('[1.2.3]', '[1.2.0]')],
  ['an empty section', '## [1.2.3] - 2026-01-31\n\n## [1.2.2] - 2026-01-01\n\n- A thing.\n']
])('refuses a changelog with %s for the version', async (_what, changelog) => {
  const ended = await notesOf('v1.2.3', changelog)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain('CHANGELOG.md has no entries for 1.2.3')
})
