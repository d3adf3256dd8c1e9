import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { OUTPUT_NAMES } from '../../../src/publish/outputs.js'

const document = readFileSync('docs/options.md', 'utf8')
const action = parse(readFileSync('action.yml', 'utf8')) as {
  outputs: Record<string, unknown>
  runs: unknown
}

test.each(['action.yml', 'docs/options.md', 'docs/architecture.md'])(
  '%s is up to date (else: npm run docs)',
  path => {
    const script = ['scripts/write-docs.mjs', '--print', path]
    expect(readFileSync(path, 'utf8')).toBe(
      execFileSync(process.execPath, script, { encoding: 'utf8' })
    )
  },
  20_000
)

test('docs/options.md has a row for every output', () => {
  const part = document.split('<!-- outputs -->')[1]?.split('<!-- /outputs -->')[0] ?? ''
  const names = [...part.matchAll(/^\| `(.+?)`/gm)].map(match => match[1])
  expect(names).toEqual([...OUTPUT_NAMES])
})

test('action.yml declares the outputs that the code sets', () => {
  expect(Object.keys(action.outputs)).toEqual([...OUTPUT_NAMES])
})

test('action.yml runs the bundle', () => {
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/action.js' })
})
