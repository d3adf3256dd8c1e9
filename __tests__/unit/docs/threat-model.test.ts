import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const page = readFileSync('docs/threat-model.md', 'utf8')

/** Each row of the table of boundaries: the boundary, the file of a test, its title. */
const ROWS = [...page.matchAll(/^\| ([^|]+?) +\| `(__tests__\/[^`]+)` +\| ([^|]+?) +\|$/gm)].map(
  ([, boundary = '', path = '', title = '']) => ({ boundary, path, title })
)

test('the table names the test of each boundary', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(12)
})

test.each(ROWS)('$boundary: the test is there, with this title', ({ path, title }) => {
  expect(readFileSync(path, 'utf8')).toContain(`'${title}'`)
})

test('each test that the page names is there', () => {
  const named = [...page.matchAll(/`(__tests__\/[^`]+)`/g)].map(([, path = '']) => path)
  expect(named.filter(path => !existsSync(path))).toEqual([])
})
