/* eslint-disable jest/no-export -- a helper that makes tests */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { rulesFor } from '../../src/prefect/releases.js'
import { repository } from '../helpers/flowstore.js'

const PAGE = 'docs/compatibility.md'

/** A part of the page, made of the results of one generation. */
type Part = 'pickled' | 'entrypoint'

/** True for a check that passed, else why it was not made. */
export type Checked<Check extends string> = Partial<Record<Check, true | string>>

/** What both parts of the page say of a release. */
export interface ReleaseRow {
  readonly release: string
  readonly python: string
  readonly pythons: readonly string[]
  readonly pins: readonly string[]
}

/** A row of the page; the Python, as `major.minor`, must be one that the table of releases has. */
export function releaseRow(release: string, python: string): ReleaseRow {
  const { pythons, pins } = rulesFor(release)
  expect(pythons).toContain(python)
  return { release, python, pythons, pins }
}

/**
 * What was observed of a release, for its tests: each reports a failure, but may wait for it later.
 *
 * @param observed gives undefined for a release that is not here
 */
export function seenLater<Seen>(observed: Promise<Seen | undefined>): () => Promise<Seen> {
  observed.catch(() => undefined)
  return async () => {
    const seen = await observed
    if (seen === undefined) throw new Error('not seen')
    return seen
  }
}

/**
 * Makes a test of each check.
 *
 * @param titles by check
 * @param absent why a check can't be made; undefined if it can
 * @returns the results, which the tests fill in
 */
export function testChecks<Check extends string>(
  titles: Readonly<Record<Check, string>>,
  check: typeof test | typeof test.skip,
  absent: (name: Check) => string | undefined,
  compare: (name: Check) => Promise<void>,
  timeout: number
): Checked<Check> {
  const checks: Checked<Check> = {}
  for (const name of Object.keys(titles) as Check[]) {
    const reason = absent(name)
    if (reason !== undefined) {
      checks[name] = reason
      continue
    }
    check(
      titles[name],
      async () => {
        await compare(name)
        checks[name] = true
      },
      timeout
    )
  }
  return checks
}

/**
 * What the page and the results say: equal if the page is up to date. While the page is written, hands the results on
 * instead, and both are equal.
 */
function pageAndResults(part: Part, rows: readonly unknown[]): [string, string] {
  const results = JSON.stringify(rows)
  const wanted = process.env['FLOWSTORE_COMPATIBILITY']
  if (wanted) writeFileSync(join(wanted, `${part}.json`), results)
  const file = join(repository({ 'results.json': results }), 'results.json')
  const script = ['scripts/write-compatibility.mjs', '--print', part, file]
  const expected = execFileSync(process.execPath, script, { encoding: 'utf8' })
  const page = wanted ? expected : readFileSync(PAGE, 'utf8')
  const from = page.indexOf(expected.slice(0, expected.indexOf('\n') + 1))
  return [page.slice(from, from + expected.length), expected]
}

/**
 * The test that a part of the page is up to date.
 *
 * @param isWhole whether each release is here: otherwise the test is skipped
 */
export function testPage(
  part: Part,
  releases: readonly string[],
  rows: ReadonlyMap<string, ReleaseRow>,
  isWhole: boolean
): void {
  const check = isWhole ? test : test.skip
  describe('the compatibility table', () => {
    check('docs/compatibility.md is up to date (else: npm run docs:compatibility)', () => {
      expect([...rows.keys()]).toEqual(releases)
      const [page, results] = pageAndResults(part, [...rows.values()])
      expect(page).toBe(results)
    })
  })
}
