import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { OPTION_SPECS } from '../../../src/options/specs.js'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'

const document = readFileSync('docs/options.md', 'utf8')

/** First cells of the table between the marks of a name. */
function firstCells(name: string): string[] {
  const part = document.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? ''
  return [...part.matchAll(/^\| `(.+?)`/gm)].map(match => match[1] ?? '')
}

test('docs/options.md is what the specs and action.yml give; if not: npm run docs', () => {
  const script = ['scripts/write-docs.mjs', '--print']
  expect(document).toBe(execFileSync(process.execPath, script, { encoding: 'utf8' }))
})

test('docs/options.md has a row for every option and every output', () => {
  expect(firstCells('options')).toEqual(OPTION_SPECS.map(spec => spec.name))
  expect(firstCells('outputs')).toEqual([...OUTPUT_NAMES])
})
