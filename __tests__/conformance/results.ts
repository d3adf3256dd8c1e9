import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PAGE = 'docs/compatibility.md'

/** A part of the page, made of the results of one generation. */
export type Part = 'pickled' | 'entrypoint'

/**
 * What the page and the results say: equal if the page is up to date. While the page is written, hands the results on
 * instead, and both are equal.
 */
export function pageAndResults(part: Part, rows: readonly unknown[]): [string, string] {
  const results = JSON.stringify(rows)
  const wanted = process.env['FLOWSTORE_COMPATIBILITY']
  if (wanted) writeFileSync(join(wanted, `${part}.json`), results)
  const file = join(mkdtempSync(join(tmpdir(), 'flowstore-test-')), 'results.json')
  writeFileSync(file, results)
  const script = ['scripts/write-compatibility.mjs', '--print', part, file]
  const expected = execFileSync(process.execPath, script, { encoding: 'utf8' })
  const page = wanted ? expected : readFileSync(PAGE, 'utf8')
  const from = page.indexOf(expected.slice(0, expected.indexOf('\n') + 1))
  return [page.slice(from, from + expected.length), expected]
}
